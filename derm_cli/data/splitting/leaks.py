"""Looking for leaks: what two parts of a split have in common.  It shares no code with what makes a split."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

NAMED = 3
"""How many leaks a sentence names."""
WITHIN = {"patient": "the same patient", "lesion": "the same lesion"}
"""Columns whose values mean the same inside a dataset only."""
SAME_FILE, ALIKE = "the same file", "look alike"
COLUMNS = ("dataset", "case_id", *WITHIN, "sha256")
"""What is looked at, beside the part."""


@dataclass(frozen=True)
class Leak:
    """Two cases in different parts that share something; each is named as ``'case' of dataset (part)``."""

    what: str
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first} and {self.second}: {self.what}"


def leaks_in(cases: pd.DataFrame, alike: pd.DataFrame | None = None) -> list[Leak]:
    """Return what parts share, a leak for each patient, lesion, file and pair that looks alike.

    ``cases`` has the columns dataset, case_id and part, and where known patient, lesion and sha256; ``alike`` has a row
    a pair of near duplicates: dataset, case_id, other_dataset, other_case_id.
    """
    found: list[Leak] = []
    for column, what in WITHIN.items():
        found += _shared(cases, ["dataset", column], what)
    found += _shared(cases, ["sha256"], SAME_FILE)
    if alike is not None and len(alike):
        parts = cases.set_index(["dataset", "case_id"])["part"].to_dict()
        for pair in alike.itertuples(index=False):
            one, other = (pair.dataset, pair.case_id), (pair.other_dataset, pair.other_case_id)
            if one in parts and other in parts and parts[one] != parts[other]:
                found.append(Leak(ALIKE, _said(*one, parts[one]), _said(*other, parts[other])))
    return found


def some(leaks: list[Leak]) -> str:
    """Return a few of the leaks and how many there are, for a sentence."""
    more = f", and {len(leaks) - NAMED} more" if len(leaks) > NAMED else ""
    return "; ".join(str(each) for each in leaks[:NAMED]) + more


def _shared(cases: pd.DataFrame, columns: list[str], what: str) -> list[Leak]:
    if not set(columns) <= set(cases.columns):
        return []
    key = cases[columns[-1]]
    known = cases[key.notna() & (key != "")]
    several = known.groupby(columns, sort=True)["part"].transform("nunique") > 1
    found = []
    for _, rows in known[several].groupby(columns, sort=True):
        one, other = rows.drop_duplicates("part").sort_values("part").head(2).itertuples(index=False)
        found.append(Leak(what, *(_said(each.dataset, each.case_id, each.part) for each in (one, other))))
    return found


def _said(dataset: object, case: object, part: object) -> str:
    return f"'{case}' of {dataset} ({part})"
