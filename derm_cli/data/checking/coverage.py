"""What a dataset covers: photographs and patients of each class, image types, skin tones, sexes, ages, sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import pandas as pd

from derm_cli.data.checking.findings import DecodedDataset, Finding
from derm_cli.data.checking.kinds import KINDS
from derm_cli.data.duplicates import Pairs
from derm_cli.data.record_names import dominant_identities
from derm_cli.data.records import without_empty_classes
from derm_cli.data.splitting.grouping import group_numbers
from derm_cli.errors import DermError

UNKNOWN = "unknown"
FEW = 10
"""Groups of photographs that are kept together: of fewer, a fifth is one or none."""
UNBALANCED = 10
"""Times as many photographs in the largest class as in the smallest."""
SIMILAR = 0.8
"""Of the letters of two names, the share that is the same: names that a folder or a table gives may be misspelt."""
RARE = 0.1
"""A share: if fewer of the known skin types are 5 or 6, figures do not tell of dark skin."""
YEARS = 20
TONES = ("1-2", "3-4", "5-6")


@dataclass(frozen=True)
class ClassCoverage:
    """A class: its photographs, and the groups of them that a split keeps together, by patient, lesion and looks."""

    name: str
    photographs: int
    groups: int


@dataclass(frozen=True)
class Coverage:
    """What a dataset covers.

    ``tables`` have the photographs of each value of a column, with 'unknown' last; ``patients`` and ``lesions`` are
    None where the dataset does not tell them.
    """

    classes: tuple[ClassCoverage, ...]
    patients: int | None
    lesions: int | None
    tables: dict[str, dict[str, int]]

    @property
    def imbalance(self) -> float:
        """How many times as many photographs the largest class has as the smallest that has any; 1 where none has."""
        counts = [each.photographs for each in self.classes if each.photographs]
        return max(counts) / min(counts) if counts else 1.0

    def to_json(self) -> dict[str, Any]:
        """Return the coverage as JSON values."""
        return {
            "photographs": {each.name: each.photographs for each in self.classes},
            "groups": {each.name: each.groups for each in self.classes},
            "imbalance": round(self.imbalance, 2),
            "patients": self.patients,
            "lesions": self.lesions,
            "coverage": self.tables,
        }


def coverage_of(dataset: DecodedDataset, duplicates: Pairs) -> Coverage:
    """Count what a dataset covers; ``duplicates`` are pairs of its rows that look the same."""
    frame = dataset.frame
    groups = pd.Series(group_numbers(frame, duplicates), index=frame.index)
    labels = frame["label"]
    return Coverage(
        classes=tuple(
            ClassCoverage(each.name, int((labels == each.name).sum()), int(groups[labels == each.name].nunique()))
            for each in dataset.records.classes
        ),
        patients=_distinct_count(frame, "patient"),
        lesions=_distinct_count(frame, "lesion"),
        tables={
            "image type": _counts(_column(frame, "image_type")),
            "skin tone": _counts(_skin_tones(frame)),
            "sex": _counts(_column(frame, "sex")),
            "age": _age_counts(frame),
            "site": _counts(_column(frame, "site")),
        },
    )


def coverage_findings(dataset: DecodedDataset, coverage: Coverage) -> Iterator[Finding]:
    """Yield findings about classes that are too small or uneven, and about what the dataset cannot tell of a model."""
    try:
        without_empty_classes(dataset.records)
    except DermError as error:
        yield Finding(KINDS["too-little"], detail=str(error))
    for each in coverage.classes:
        photographs = f"class '{each.name}' has {each.photographs} photographs"
        if not each.photographs:
            yield Finding(KINDS["empty-class"], detail=f"class '{each.name}' of {dataset.name}")
        elif each.photographs > 1 and each.groups == 1:
            problem = f"{photographs} of one patient or lesion: they cannot be split"
            yield Finding(KINDS["too-little"], detail=f"{dataset.name}: {problem}")
        elif 1 < each.groups < FEW:
            yield Finding(
                KINDS["few-patients"], detail=f"{dataset.name}: {photographs} of {each.groups} patients or lesions"
            )
    if not dataset.records.located.spec.classes:
        for first, second in combinations((each.name for each in coverage.classes), 2):
            if SequenceMatcher(None, first.casefold(), second.casefold()).ratio() >= SIMILAR:
                yield Finding(KINDS["similar-classes"], detail=f"{dataset.name}: '{first}' and '{second}'")
    for text in dominant_identities(dataset.records):
        yield Finding(KINDS["dominant-patient"], detail=f"{dataset.name}: {text}")
    if coverage.imbalance >= UNBALANCED:
        sizes = sorted((each.photographs, each.name) for each in coverage.classes if each.photographs)
        counts = f"{sizes[-1][0]} of '{sizes[-1][1]}', {sizes[0][0]} of '{sizes[0][1]}'"
        yield Finding(KINDS["imbalance"], detail=f"{dataset.name}: 1 to {coverage.imbalance:.0f} ({counts})")
    if not coverage.patients and not coverage.lesions and len(dataset.frame):
        yield Finding(KINDS["patients-unknown"], detail=dataset.name)
    skin_tones = _skin_tone_text(coverage.tables["skin tone"])
    if skin_tones:
        yield Finding(KINDS["skin-tone"], detail=f"{dataset.name}: {skin_tones}")


def _skin_tone_text(table: dict[str, int]) -> str:
    total, unknown = sum(table.values()), table.get(UNKNOWN, 0)
    if unknown * 2 > total:
        return f"unknown for {unknown:,} of {total:,} photographs"
    dark = sum(count for tone, count in table.items() if tone in ("5", "6", TONES[-1]))
    known = total - unknown
    return f"skin types 5 and 6 are {dark:,} of {known:,} photographs" if dark < RARE * known else ""


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _skin_tones(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the Fitzpatrick type, or the pair of types where no more is known."""
    types = _column(frame, "fitzpatrick").astype(float)
    known = types.map(lambda value: None if pd.isna(value) else f"{value:.0f}").astype(object)
    return known.where(types.notna(), _column(frame, "skin_tone"))


def _age_counts(frame: pd.DataFrame) -> dict[str, int]:
    """Return the photographs of each span of twenty years."""
    ages = _column(frame, "age").astype(float)
    spans = _counts(ages // YEARS * YEARS)
    return {key if key == UNKNOWN else f"{float(key):.0f}-{float(key) + YEARS - 1:.0f}": spans[key] for key in spans}


def _counts(values: pd.Series[Any]) -> dict[str, int]:
    counts = values.value_counts().sort_index()
    unknown = int(values.isna().sum())
    return {str(value): int(count) for value, count in counts.items()} | ({UNKNOWN: unknown} if unknown else {})


def _distinct_count(frame: pd.DataFrame, column: str) -> int | None:
    return int(frame[column].nunique()) if column in frame else None
