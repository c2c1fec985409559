"""Leaks: what two parts of a split have in common.  Finding them shares no code with making a split."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

NAMED = 3
"""How many leaks a sentence names."""
WITHIN = {"patient": "the same patient", "lesion": "the same lesion"}
"""Columns whose values mean the same inside a dataset only."""
SAME_FILE, LOOK_ALIKE = "the same file", "look alike"
COLUMNS = ("dataset", "case_id", *WITHIN, "sha256")
"""What leaks are found by, beside the part."""


@dataclass(frozen=True)
class Leak:
    """Two cases in different parts that share something; each is named as ``'case' of dataset (part)``."""

    what: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first} and {self.second}: {self.what}"


def leaks_in(cases: pd.DataFrame, duplicates: pd.DataFrame | None = None) -> list[Leak]:
    """Return what parts share, a leak for each patient, lesion, file and pair that looks alike.

    ``cases`` has the columns dataset, case_id and part, and where known patient, lesion and sha256; ``duplicates`` has
    a row a pair of near duplicates: dataset, case_id, other_dataset, other_case_id.
    """
    leaks: list[Leak] = []
    for column, what in WITHIN.items():
        leaks += _shared_values(cases, ["dataset", column], what)
    leaks += _shared_values(cases, ["sha256"], SAME_FILE)
    if duplicates is not None and len(duplicates):
        parts = cases.set_index(["dataset", "case_id"])["part"].to_dict()
        for pair in duplicates.itertuples(index=False):
            first, second = (pair.dataset, pair.case_id), (pair.other_dataset, pair.other_case_id)
            if first in parts and second in parts and parts[first] != parts[second]:
                texts = _case_text(*first, parts[first]), _case_text(*second, parts[second])
                leaks.append(Leak(LOOK_ALIKE, *texts))
    return leaks


def leaks_text(leaks: list[Leak]) -> str:
    """Return the first few leaks and how many more there are, for a sentence."""
    more = f", and {len(leaks) - NAMED} more" if len(leaks) > NAMED else ""
    return "; ".join(str(each) for each in leaks[:NAMED]) + more


def _shared_values(cases: pd.DataFrame, columns: list[str], what: str) -> list[Leak]:
    """Return a leak for each value of ``columns`` that cases of several parts have."""
    if not set(columns) <= set(cases.columns):
        return []
    values = cases[columns[-1]]
    known = cases[values.notna() & (values != "")]
    is_shared = known.groupby(columns, sort=True)["part"].transform("nunique") > 1
    leaks = []
    for _, rows in known[is_shared].groupby(columns, sort=True):
        pair = rows.drop_duplicates("part").sort_values("part").head(2).itertuples(index=False)
        leaks.append(Leak(what, *(_case_text(each.dataset, each.case_id, each.part) for each in pair)))
    return leaks


def _case_text(dataset: object, case: object, part: object) -> str:
    return f"'{case}' of {dataset} ({part})"
