"""Photographs that are the same file or look the same, within a dataset and across several; contradictions first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from derm_cli.data.checking.findings import Case, Checked, Finding, grouped
from derm_cli.data.duplicates import clusters, near_duplicates
from derm_cli.data.splitting.grouping import Pairs
from derm_cli.taxonomy import LesionClass, lies_within


class Gathered:
    """The usable photographs of several datasets, one after the other, and which of them look the same."""

    def __init__(self, datasets: Sequence[Checked]) -> None:
        self.datasets = datasets
        self.cases = [case for each in datasets for case in each.cases((row, "") for row in range(len(each.frame)))]
        frames = [each.frame.reset_index(drop=True) for each in datasets]
        self.contents = pd.concat([frame["sha256"] for frame in frames], ignore_index=True)
        self.known = {name: self._known(name) for name in ("patient", "lesion")}
        self.alike: Pairs = near_duplicates([facts.fingerprint for each in datasets for facts in each.facts])
        self.classes = {(each.name, one.name): one for each in datasets for one in each.records.classes}

    def _known(self, column: str) -> list[tuple[str, str] | None]:
        """Return the dataset's and the patient's (or lesion's) name of each photograph, None where it is not known."""
        return [
            None if pd.isna(value) or value == "" else (each.name, str(value))
            for each in self.datasets
            for value in (each.frame[column] if column in each.frame else [None] * len(each.frame))
        ]

    def copies(self) -> list[list[int]]:
        """Return the photographs of which there are several with the same contents, group by group."""
        groups = self.contents.groupby(self.contents, sort=False).indices.values()
        return [list(rows) for rows in groups if len(rows) > 1]

    def look_alikes(self) -> list[list[int]]:
        """Return the photographs that look the same, also by others, but are not all one file, group by group."""
        numbers = clusters(len(self.cases), self.alike)
        order = np.argsort(numbers, kind="stable")
        starts = np.flatnonzero(np.diff(numbers[order])) + 1
        groups = [rows.tolist() for rows in np.split(order, starts) if len(rows) > 1]
        return [rows for rows in groups if len(set(self.contents[rows])) > 1]

    def contradict(self, rows: Sequence[int]) -> bool:
        """Tell whether two of the photographs have classes that exclude each other: in one dataset, any two do."""
        kinds = {(self.cases[row].dataset, self.cases[row].label) for row in rows}
        return any(
            one[0] == other[0] or _exclude(self.classes[one], self.classes[other])
            for one, other in combinations(sorted(kinds), 2)
        )

    def across(self, rows: Sequence[int]) -> bool:
        """Tell whether the photographs are of several datasets."""
        return len({self.cases[row].dataset for row in rows}) > 1

    def of_one(self, rows: Sequence[int]) -> bool:
        """Tell whether the photographs are known to be of one patient or one lesion."""
        sets = ({known[row] for row in rows} for known in self.known.values())
        return any(len(values) == 1 and None not in values for values in sets)

    def alike_within(self, dataset: int) -> Pairs:
        """Return the pairs that look the same in one of the datasets, as pairs of its rows."""
        begin = sum(len(each.frame) for each in self.datasets[:dataset])
        end = begin + len(self.datasets[dataset].frame)
        inside = ((self.alike >= begin) & (self.alike < end)).all(axis=1)
        return np.asarray(self.alike[inside] - begin)


def same(gathered: Gathered) -> Iterator[Finding]:
    """Tell of the same files, and of photographs that look the same."""
    found: dict[str, list[tuple[Case, ...]]] = {}
    for rows in gathered.copies():
        kind = "copies-across" if gathered.across(rows) else "copies"
        kind = "contradicting-copies" if gathered.contradict(rows) else kind
        found.setdefault(kind, []).append(tuple(gathered.cases[row] for row in rows))
    for rows in gathered.look_alikes():
        kind = "look-alikes-of-one" if gathered.of_one(rows) else "look-alikes"
        kind = "look-alikes-across" if gathered.across(rows) else kind
        kind = "contradicting-look-alikes" if gathered.contradict(rows) else kind
        found.setdefault(kind, []).append(tuple(gathered.cases[row] for row in rows))
    for kind, groups in found.items():
        yield from grouped(kind, groups)


def lesions(checked: Checked) -> Iterator[Finding]:
    """Tell of lesions whose photographs have several classes."""
    frame = checked.frame
    if "lesion" in frame:
        yield from grouped("contradicting-lesion", _of_several(checked, frame["lesion"], frame["label"], "lesion"))


def shared_by_parts(checked: Checked, alike: Pairs) -> Iterator[Finding]:
    """Tell of patients, lesions, files and looks that several parts of the official split share.

    ``alike`` are pairs of the dataset's rows that look the same.
    """
    frame = checked.frame
    if "split" not in frame or not checked.records.located.spec.official_split:
        return
    groups = []
    for column, what in (("patient", "the same patient"), ("lesion", "the same lesion"), ("sha256", "the same file")):
        if column in frame:
            groups += _of_several(checked, frame[column], frame["split"], what)
    parts, contents = frame["split"].where(frame["split"].notna(), "").tolist(), frame["sha256"].tolist()
    for one, other in alike.tolist():
        if "" not in (parts[one], parts[other]) and parts[one] != parts[other] and contents[one] != contents[other]:
            groups.append(checked.cases((row, f"look the same, {parts[row]}") for row in (one, other)))
    yield from grouped("official-split-leaks", groups)


def _of_several(checked: Checked, key: pd.Series[str], values: pd.Series[str], what: str) -> list[tuple[Case, ...]]:
    """Return the cases that have a ``key`` in common but several ``values``, group by group."""
    known = pd.DataFrame({"key": key, "value": values}).reset_index(drop=True)
    known = known[known["key"].notna() & (known["key"] != "") & known["value"].notna()]
    several = known[known.groupby("key")["value"].transform("nunique") > 1]
    return [
        checked.cases((row, f"{what}, {value}") for row, value in zip(rows.index.tolist(), rows["value"], strict=True))
        for _, rows in several.groupby("key", sort=False)
    ]


def _exclude(one: LesionClass, other: LesionClass) -> bool:
    """Tell whether no diagnosis can be of both classes.  Those that name none are compared by their names."""
    if not one.diagnoses or not other.diagnoses:
        return one.name.casefold() != other.name.casefold()
    return not any(
        lies_within(mine, theirs) or lies_within(theirs, mine) for mine in one.diagnoses for theirs in other.diagnoses
    )
