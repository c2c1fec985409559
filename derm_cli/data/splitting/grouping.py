"""Which records must stay together, and a name for them that tells nothing of a patient."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

Pairs = npt.NDArray[np.intp]
"""Pairs of rows, (m, 2)."""

KEYS = ("patient", "lesion", "sha256")
"""The columns whose equal values join records, the strongest first."""
NO_PAIRS: Pairs = np.empty((0, 2), dtype=np.intp)
DIGITS = 16


def groups_of(frame: pd.DataFrame, alike: Pairs = NO_PAIRS) -> npt.NDArray[np.intp]:
    """Return a group number for each record, (n,): what belongs together, directly or by others, shares it.

    Records belong together that have one patient, lesion or content (``sha256``) in common, as far as ``frame`` has
    these columns, or that look alike: ``alike`` are pairs of its rows.  What is missing or empty joins nothing.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows: list[int] = []
    others: list[int] = []
    for name in KEYS:
        first: dict[Hashable, int] = {}
        for row, value in enumerate(frame.get(name, ())):
            if not pd.isna(value) and value != "":
                rows.append(row)
                others.append(first.setdefault(value, row))
    ends = np.concatenate([np.array([rows, others], dtype=np.intp), alike.T.astype(np.intp)], axis=1)
    links = coo_array((np.ones(ends.shape[1], dtype=np.int8), (ends[0], ends[1])), shape=(len(frame),) * 2)
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)


def hashes_of(frame: pd.DataFrame, groups: npt.NDArray[np.intp], dataset: str, salt: bytes) -> npt.NDArray[np.str_]:
    """Return a hash of each record's group, 16 hexadecimal digits, (n,): an HMAC-SHA256 with ``salt``, cut short.

    It is that of the group's first patient in alphabetical order, else lesion, else content, else case, so that it is
    the same in each run.  Without the salt nobody can try patient numbers until one fits.
    """
    told = np.full(len(frame), "", dtype=object)
    for name in (*KEYS, "case_id"):
        if name not in frame:
            continue
        known = frame[name].astype(object).where(frame[name].notna(), "").astype(str).to_numpy(dtype=object)
        there = np.flatnonzero((known != "") & (told == ""))
        firsts = pd.Series(known[there]).groupby(groups[there]).min()
        of_group = pd.Series(groups).map(firsts)
        open_ = of_group.notna().to_numpy() & (told == "")
        told[open_] = [f"{name}\0{value}" for value in of_group[open_]]
    hashed = {
        each: hmac.new(salt, f"{dataset}\0{each}".encode(), hashlib.sha256).hexdigest()[:DIGITS] for each in set(told)
    }
    return np.array([hashed[each] for each in told], dtype=np.str_)
