"""The answers of several classifiers as one predictions table: each case has the mean of its probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derm_cli.errors import DermError
from derm_cli.evaluation.array_types import Strings
from derm_cli.evaluation.predictions import Predictions


def averaged_predictions(tables: Sequence[Predictions], *, of_same_cases: bool = True) -> Predictions:
    """Return the mean answers of one or more tables of the same cases, such as those of several seeds.

    A case has the mean of the probabilities that the tables have for it, and the class where that is highest, of equals
    the first.  Cases stand in the order in which they are first met.  Without ``of_same_cases`` tables may have cases
    that others have not: what a single table has is as it is there.  Raises DermError where cases or classes differ,
    where a case has two labels, and where a case is in several tables without a probability of every class.
    """
    first = tables[0]
    if len(tables) == 1:
        return first
    if any(table.classes != first.classes for table in tables):
        raise DermError("The tables to be averaged have different classes: average what has one target.")
    if of_same_cases:
        _check_same_cases(tables)
    row_of: dict[str, int] = {}
    rows = [np.array([row_of.setdefault(case, len(row_of)) for case in table.case_ids]) for table in tables]
    count = len(row_of)
    times = np.bincount(np.concatenate(rows), minlength=count)
    if (times > 1).any() and any(table.complete_probabilities is None for table in tables):
        raise DermError(
            "The tables to be averaged have cases in common, but one has no probability of every class: give each "
            "the columns 'p_<class>'."
        )
    labels, predictions = _filled(rows, [table.labels for table in tables], count), None
    for own_rows, table in zip(rows, tables, strict=True):
        wrong = np.flatnonzero(labels[own_rows] != table.labels)
        if wrong.size:
            case = table.case_ids[int(wrong[0])]
            raise DermError(
                f"Case '{case}' is '{labels[own_rows[wrong[0]]]}' in one table and '{table.labels[wrong[0]]}' in "
                "another: average tables with the same labels."
            )
    probabilities = None
    if all(table.complete_probabilities is not None for table in tables):
        probabilities = np.zeros((count, len(first.classes)))
        for own_rows, table in zip(rows, tables, strict=True):
            probabilities[own_rows] += table.probabilities
        probabilities /= times[:, None]
    predictions = _filled(rows, [table.predictions for table in tables], count)
    several = times > 1
    if probabilities is not None and several.any():
        predictions[several] = np.array(first.classes)[probabilities[several].argmax(axis=1)]
    names = dict.fromkeys(name for table in tables for name in table.metadata)
    empty = [np.array([""] * len(table.case_ids)) for table in tables]
    metadata = {
        name: _filled(rows, [t.metadata.get(name, none) for t, none in zip(tables, empty, strict=True)], count)
        for name in names
    }
    return Predictions(first.classes, tuple(row_of), labels, predictions, probabilities, metadata)


def _check_same_cases(tables: Sequence[Predictions]) -> None:
    first = set(tables[0].case_ids)
    for table in tables[1:]:
        differing = sorted(first ^ set(table.case_ids))
        if differing:
            raise DermError(
                f"The tables to be averaged have different cases: '{differing[0]}' is one of {len(differing)} that are "
                "not in both of two. Average what was tested on the same photographs."
            )


def _filled(rows: Sequence[np.typing.NDArray[np.intp]], columns: Sequence[Strings], count: int) -> Strings:
    """Return a column of all cases, (count,), in which the first table that has a case decides."""
    filled = np.full(count, "", dtype=object)
    for own_rows, column in zip(reversed(rows), reversed(columns), strict=True):
        filled[own_rows] = column
    return filled.astype(str)
