"""Splitting records into a training and a test part that share no patient."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.errors import DermError

TRAIN, VALIDATION, TEST = "train", "validation", "test"


def groups_of(frame: pd.DataFrame, contents: pd.Series[str] | None = None) -> npt.NDArray[np.intp]:
    """Return a group number for each record, (n,): records of one patient, lesion or file content share it.

    What is missing joins nothing.  ``contents`` are hashes of the files.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    keys: list[pd.Series[str]] = [frame[name] for name in ("patient", "lesion") if name in frame]
    if contents is not None:
        keys.append(contents)
    rows: list[int] = []
    others: list[int] = []
    for key in keys:
        first: dict[Hashable, int] = {}
        for row, value in enumerate(key):
            if not pd.isna(value) and value != "":
                rows.append(row)
                others.append(first.setdefault(value, row))
    count = len(frame)
    links = coo_array((np.ones(len(rows), dtype=np.int8), (rows, others)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)


def split(
    labels: npt.NDArray[np.str_], groups: npt.NDArray[np.intp], test_share: float, seed: int, name: str
) -> npt.NDArray[np.bool_]:
    """Choose the test part: True where a record is tested on, (n,).

    Whole groups are dealt, in a random order but the largest first, each to the part that it brings nearer to
    ``test_share`` of every class (the counts of a class are weighed by its size, so that rare classes are as well
    split as common ones).  Each class then has a photograph in both parts.  Raises DermError, naming the class, where
    no such split is found: all of its photographs belong to one group, say.
    """
    classes, codes = np.unique(labels, return_inverse=True)
    members, group_codes = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(members), len(classes)))
    np.add.at(counts, (group_codes, codes), 1.0)
    weighed = counts / counts.sum(axis=0)
    generator = np.random.default_rng(seed)
    best: tuple[float, npt.NDArray[np.bool_]] | None = None
    for _ in range(20):
        tested = _with_every_class(weighed, _deal(weighed, test_share, generator))
        share = weighed[tested].sum(axis=0)
        if (share > 0).all() and (share < 1).all():
            distance = float(np.abs(share - test_share).sum())
            if best is None or distance < best[0]:
                best = distance, tested
    if best is None:
        raise DermError(_unsplittable(name, classes, counts))
    return np.asarray(best[1][group_codes])


def _deal(weighed: npt.NDArray[np.float64], test_share: float, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    order = generator.permutation(len(weighed))
    order = order[np.argsort(-weighed[order].sum(axis=1), kind="stable")]
    tested = np.zeros(len(weighed), dtype=bool)
    missing = np.full(weighed.shape[1], test_share)
    for group in order:
        share = weighed[group]
        if np.square(missing - share).sum() < np.square(missing).sum():
            tested[group] = True
            missing = missing - share
    return tested


def _with_every_class(weighed: npt.NDArray[np.float64], tested: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Give each class that a part lacks its smallest group of the other part, where there are two groups of it."""
    for each in np.argsort((weighed > 0).sum(axis=0)):
        having = np.flatnonzero(weighed[:, each] > 0)
        inside = tested[having]
        if len(having) > 1 and (inside.all() or not inside.any()):
            smallest = having[weighed[having].sum(axis=1).argmin()]
            tested[smallest] = not tested[smallest]
    return tested


def _unsplittable(name: str, classes: npt.NDArray[np.str_], counts: npt.NDArray[np.float64]) -> str:
    spread = (counts > 0).sum(axis=0)
    rarest = int(spread.argmin())
    patients = "one patient or lesion" if spread[rarest] == 1 else f"{spread[rarest]} patients or lesions"
    return (
        f"Dataset '{name}' cannot be split without a leak: the {int(counts[:, rarest].sum())} photographs of class "
        f"'{classes[rarest]}' belong to {patients}. Add photographs, or leave the class out with "
        f"--leave-out {name}:{classes[rarest]}."
    )
