"""Checks for photographs that are the same file or look the same, in one dataset or several; contradictions first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from derm_cli.data.checking.findings import Case, DecodedDataset, Finding, grouped_findings
from derm_cli.data.duplicates import Pairs, clusters, near_duplicates, pairs_within
from derm_cli.taxonomy import LesionClass, lies_within


class CombinedDatasets:
    """The usable photographs of several datasets, one after the other, and the pairs of them that look the same."""

    def __init__(self, datasets: Sequence[DecodedDataset]) -> None:
        self.datasets = datasets
        self.cases = [case for each in datasets for case in each.cases((row, "") for row in range(len(each.frame)))]
        frames = [each.frame.reset_index(drop=True) for each in datasets]
        self.contents = pd.concat([frame["sha256"] for frame in frames], ignore_index=True)
        self.identities = {column: self._identities(column) for column in ("patient", "lesion")}
        self.duplicates: Pairs = near_duplicates([facts.fingerprint for each in datasets for facts in each.facts])
        self.classes = {
            (dataset.name, lesion_class.name): lesion_class
            for dataset in datasets
            for lesion_class in dataset.records.classes
        }

    def _identities(self, column: str) -> list[tuple[str, str] | None]:
        """Return the dataset's and the patient's (or lesion's) name of each photograph, None where it is not known."""
        return [
            None if pd.isna(value) or value == "" else (each.name, str(value))
            for each in self.datasets
            for value in (each.frame[column] if column in each.frame else [None] * len(each.frame))
        ]

    def copies(self) -> list[list[int]]:
        """Return the rows of photographs of which there are several with the same contents, group by group."""
        groups = self.contents.groupby(self.contents, sort=False).indices.values()
        return [list(rows) for rows in groups if len(rows) > 1]

    def look_alikes(self) -> list[list[int]]:
        """Return the rows of photographs that look the same, also by others, but are not all one file, by group."""
        numbers = clusters(len(self.cases), self.duplicates)
        order = np.argsort(numbers, kind="stable")
        starts = np.flatnonzero(np.diff(numbers[order])) + 1
        groups = [rows.tolist() for rows in np.split(order, starts) if len(rows) > 1]
        return [rows for rows in groups if len(set(self.contents[rows])) > 1]

    def contradict(self, rows: Sequence[int]) -> bool:
        """Tell whether two of the photographs have classes that exclude each other: in one dataset, any two do."""
        labels = {(self.cases[row].dataset, self.cases[row].label) for row in rows}
        return any(
            first[0] == second[0] or _exclude(self.classes[first], self.classes[second])
            for first, second in combinations(sorted(labels), 2)
        )

    def are_across_datasets(self, rows: Sequence[int]) -> bool:
        """Tell whether the photographs are of several datasets."""
        return len({self.cases[row].dataset for row in rows}) > 1

    def are_of_one(self, rows: Sequence[int]) -> bool:
        """Tell whether the photographs are known to be of one patient or one lesion."""
        sets = ({identities[row] for row in rows} for identities in self.identities.values())
        return any(len(values) == 1 and None not in values for values in sets)

    def duplicates_within(self, index: int) -> Pairs:
        """Return the pairs that look the same in one of the datasets, as pairs of its rows."""
        start = sum(len(each.frame) for each in self.datasets[:index])
        return pairs_within(self.duplicates, start, start + len(self.datasets[index].frame))


def same_photographs(combined: CombinedDatasets) -> Iterator[Finding]:
    """Yield findings about the same files, and about photographs that look the same."""
    groups_by_kind: dict[str, list[tuple[Case, ...]]] = {}
    for rows in combined.copies():
        kind = "copies-across" if combined.are_across_datasets(rows) else "copies"
        kind = "contradicting-copies" if combined.contradict(rows) else kind
        groups_by_kind.setdefault(kind, []).append(tuple(combined.cases[row] for row in rows))
    for rows in combined.look_alikes():
        kind = "look-alikes-of-one" if combined.are_of_one(rows) else "look-alikes"
        kind = "look-alikes-across" if combined.are_across_datasets(rows) else kind
        kind = "contradicting-look-alikes" if combined.contradict(rows) else kind
        groups_by_kind.setdefault(kind, []).append(tuple(combined.cases[row] for row in rows))
    for kind, groups in groups_by_kind.items():
        yield from grouped_findings(kind, groups)


def contradicting_lesions(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about lesions whose photographs have several classes."""
    frame = dataset.frame
    if "lesion" in frame:
        groups = _cases_of_several_values(dataset, frame["lesion"], frame["label"], "lesion")
        yield from grouped_findings("contradicting-lesion", groups)


def official_split_leaks(dataset: DecodedDataset, duplicates: Pairs) -> Iterator[Finding]:
    """Yield a finding about patients, lesions, files and looks that several parts of the official split share.

    ``duplicates`` are pairs of the dataset's rows that look the same.
    """
    frame = dataset.frame
    if "split" not in frame or not dataset.records.located.spec.official_split:
        return
    groups = []
    for column, what in (("patient", "the same patient"), ("lesion", "the same lesion"), ("sha256", "the same file")):
        if column in frame:
            groups += _cases_of_several_values(dataset, frame[column], frame["split"], what)
    parts, contents = frame["split"].where(frame["split"].notna(), "").tolist(), frame["sha256"].tolist()
    for first, second in duplicates.tolist():
        is_across = "" not in (parts[first], parts[second]) and parts[first] != parts[second]
        if is_across and contents[first] != contents[second]:
            groups.append(dataset.cases((row, f"look the same, {parts[row]}") for row in (first, second)))
    yield from grouped_findings("official-split-leaks", groups)


def _cases_of_several_values(
    dataset: DecodedDataset, keys: pd.Series[str], values: pd.Series[str], what: str
) -> list[tuple[Case, ...]]:
    """Return the cases that have a key in common but several ``values``, group by group."""
    table = pd.DataFrame({"key": keys, "value": values}).reset_index(drop=True)
    known = table[table["key"].notna() & (table["key"] != "") & table["value"].notna()]
    several = known[known.groupby("key")["value"].transform("nunique") > 1]
    return [
        dataset.cases((row, f"{what}, {value}") for row, value in zip(rows.index.tolist(), rows["value"], strict=True))
        for _, rows in several.groupby("key", sort=False)
    ]


def _exclude(first: LesionClass, second: LesionClass) -> bool:
    """Tell whether no diagnosis can be of both classes.  Those that name none are compared by their names."""
    if not first.diagnoses or not second.diagnoses:
        return first.name.casefold() != second.name.casefold()
    return not any(
        lies_within(diagnosis, other) or lies_within(other, diagnosis)
        for diagnosis in first.diagnoses
        for other in second.diagnoses
    )
