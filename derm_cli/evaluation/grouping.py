"""What keeps cases of a table together: patients, lesions or looks; the one place that has the word for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from derm_cli.evaluation.array_types import Strings

PATIENT, LESION, LOOKS = "patient", "lesion", "photograph_group"
"""Columns that tell which cases are of one patient, of one lesion, or otherwise kept together: any text, a salted hash
say."""
GROUP_COLUMNS = (LOOKS, PATIENT, LESION)
"""The columns of groups: a case belongs to the group of the first that names one.

Lesions are groups only where no column tells of patients: else they may be numbered anew for each patient.
"""
GroupWord = Literal["patients", "lesions", "groups"]
"""What groups are called: ``groups`` where they are neither all patients nor all lesions."""
WORDS: dict[str, GroupWord] = {PATIENT: "patients", LESION: "lesions", LOOKS: "groups"}
SINGULAR = {word: word.removesuffix("s") for word in (*WORDS.values(), "cases", "photographs")}


def group_names(metadata: Mapping[str, Strings], cases: int) -> list[tuple[str, str] | None]:
    """Return the column and name of each case's group, None where none is known: of the first column that has one."""
    groups: list[tuple[str, str] | None] = [None] * cases
    columns = [name for name in GROUP_COLUMNS if name in metadata and (name != LESION or PATIENT not in metadata)]
    for column in reversed(columns):
        groups = [
            (column, name) if name else other for name, other in zip(metadata[column].tolist(), groups, strict=True)
        ]
    return groups


def group_word(groups: Iterable[tuple[str, str] | None]) -> GroupWord:
    """Return what :func:`group_names` are: patients or lesions where all that are known are, else groups."""
    columns = {group[0] for group in groups if group is not None}
    if not columns:
        return "patients"
    return WORDS[columns.pop()] if len(columns) == 1 else "groups"


def counted(count: int, word: str) -> str:
    """Return a count with its word: '1 patient', '30 lesions'."""
    return f"{count} {SINGULAR[word] if count == 1 else word}"


def count_json(count: int | None, word: str) -> dict[str, int | None]:
    """Return a number of groups under their own word; ``patients`` is there always, None where they are none."""
    return {"patients": None} if count is None else {"patients": None, word: count}


def group_column(has_patient: Iterable[bool], has_lesion: Iterable[bool]) -> str:
    """Return the column for groups of cases: patients where every case names one, lesions so if none has a patient."""
    patients = list(has_patient)
    return PATIENT if all(patients) else LESION if all(has_lesion) and not any(patients) else LOOKS
