"""Whether a validation table has cases of the test table: thresholds chosen on those would be promised too well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import numpy as np

from derm_cli.errors import RequestError
from derm_cli.evaluation.matching import same_names
from derm_cli.evaluation.predictions import Predictions
from derm_cli.files import sha256_of

LIKE_BY_CHANCE = 10
"""Cases in the same order of labels and predictions alone, up to which that may be chance."""


def check_same_file(first: tuple[str, Path], second: tuple[str, Path], remedy: str) -> None:
    """Raise RequestError where two options, or arguments, name one file, or two with the same bytes."""
    (first_name, first_path), (second_name, second_path) = first, second
    try:
        is_one_file = first_path.samefile(second_path)
        has_same_bytes = is_one_file or (
            first_path.stat().st_size == second_path.stat().st_size and sha256_of(first_path) == sha256_of(second_path)
        )
    except OSError:
        return
    if has_same_bytes:
        what = "are one file" if is_one_file else "have the same contents"
        raise RequestError(f"{first_name} '{first_path}' and {second_name} '{second_path}' {what}: {remedy}.")


def overlap_notes(test: Predictions, validation: Predictions, test_path: Path, validation_path: Path) -> list[str]:
    """Return sentences on what the two tables may have in common: numbers of cases, and patients.

    Raises RequestError where they have cases in common: by their names, or by all that is told of them.
    """
    remedy = "give a validation table of other cases, or none"
    labels = dict(zip(validation.case_ids, validation.labels.tolist(), strict=True))
    own = dict(zip(test.case_ids, test.labels.tolist(), strict=True))
    named = same_names(test.case_ids, validation.case_ids)
    shared = [case for case in test.case_ids if case in named]
    contradicting = [case for case in shared if labels[named[case]] != own[case]]
    if shared and not (contradicting and all(case.isdecimal() for case in shared)):
        raise RequestError(
            f"Case '{shared[0]}' is in '{test_path}' and in --validation '{validation_path}', as are {len(shared)} of "
            f"{len(test.case_ids)}: thresholds must not be chosen on the cases that they are judged by; {remedy}."
        )
    if _have_same_rows(test, validation):
        raise RequestError(
            f"'{test_path}' and --validation '{validation_path}' have the same labels and predictions under other case "
            f"ids: thresholds must not be chosen on the cases that they are judged by; {remedy}."
        )
    notes = []
    if shared:
        notes.append(
            f"{len(shared)} case ids are in both tables, with other labels ('{contradicting[0]}'): taken for numbers "
            "that each table counts anew."
        )
    groups, word = _groups(test), test.group_word
    both = same_names(groups, _groups(validation))
    if both:
        notes.append(
            f"{len(both)} of {len(groups)} {word} are in the validation table too: thresholds are "
            "promised better than they are."
        )
    return notes


def has_same_answers(first: Predictions, second: Predictions) -> bool:
    """Tell whether two tables have the same cases with the same labels, predictions and probabilities, in any order."""
    if set(first.case_ids) != set(second.case_ids) or set(first.classes) != set(second.classes):
        return False
    if (first.probabilities is None) != (second.probabilities is None):
        return False
    if second.probabilities is not None:
        order = [second.classes.index(name) for name in first.classes]
        second = replace(second, probabilities=np.ascontiguousarray(second.probabilities[:, order]))
    first_rows, second_rows = (dict(zip(each.case_ids, _rows(each), strict=True)) for each in (first, second))
    return first_rows == second_rows


def _groups(table: Predictions) -> set[str]:
    return {group[1] for group in table.groups if group is not None}


def _have_same_rows(test: Predictions, validation: Predictions) -> bool:
    """Tell whether two tables have the same cases but for the ids: in any order with probabilities, else in theirs."""
    first, second = (_rows(each) for each in (test, validation))
    if len(first) != len(second) or (test.probabilities is None) != (validation.probabilities is None):
        return False
    if test.probabilities is None:
        return len(first) > LIKE_BY_CHANCE and first == second
    return len(set(first)) > 1 and Counter(first) == Counter(second)


def _rows(table: Predictions) -> list[Hashable]:
    texts = zip(table.labels.tolist(), table.predictions.tolist(), strict=True)
    if table.probabilities is None:
        return list(texts)
    return [(*text, row.tobytes()) for text, row in zip(texts, table.probabilities, strict=True)]
