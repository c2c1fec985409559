"""Groups of records that must stay in one part of a split, and hashes of them that tell nothing of a patient."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.duplicates import NO_PAIRS, Pairs, clusters

KEYS = ("patient", "lesion", "sha256")
"""The columns whose equal values join records, the strongest first."""
DIGITS = 16


def group_numbers(frame: pd.DataFrame, duplicates: Pairs = NO_PAIRS) -> npt.NDArray[np.intp]:
    """Return a group number for each record, (n,): what belongs together, directly or by others, shares it.

    Records belong together that have one patient, lesion or content (``sha256``) in common, as far as ``frame`` has
    these columns, or that look alike: ``duplicates`` are pairs of its rows.  What is missing or empty joins nothing.
    """
    rows: list[int] = []
    first_rows: list[int] = []
    for column in KEYS:
        first: dict[Hashable, int] = {}
        for row, value in enumerate(frame.get(column, ())):
            if not pd.isna(value) and value != "":
                rows.append(row)
                first_rows.append(first.setdefault(value, row))
    links = np.array([rows, first_rows], dtype=np.intp).T
    return clusters(len(frame), np.concatenate([links, duplicates.astype(np.intp)]))


def group_hashes(frame: pd.DataFrame, groups: npt.NDArray[np.intp], dataset: str, salt: bytes) -> npt.NDArray[np.str_]:
    """Return a hash of each record's group, 16 hexadecimal digits, (n,): an HMAC-SHA256 with ``salt``, cut short.

    It is that of the group's first patient in alphabetical order, else lesion, else content, else case, so that it is
    the same in each run.  Without the salt nobody can try patient numbers until one fits.
    """
    identifiers = np.full(len(frame), "", dtype=object)
    for column in (*KEYS, "case_id"):
        if column not in frame:
            continue
        values = frame[column].astype(object).where(frame[column].notna(), "").astype(str).to_numpy(dtype=object)
        rows = np.flatnonzero((values != "") & (identifiers == ""))
        first_values = pd.Series(values[rows]).groupby(groups[rows]).min()
        of_group = pd.Series(groups).map(first_values)
        newly_identified = of_group.notna().to_numpy() & (identifiers == "")
        identifiers[newly_identified] = [f"{column}\0{value}" for value in of_group[newly_identified]]
    hashes = {
        each: hmac.new(salt, f"{dataset}\0{each}".encode(), hashlib.sha256).hexdigest()[:DIGITS]
        for each in set(identifiers)
    }
    return np.array([hashes[each] for each in identifiers], dtype=np.str_)
