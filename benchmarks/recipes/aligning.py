"""Predictions tables of several methods in one order of cases and classes, refused where they are not of the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.task import predictions_of
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions


def aligned(first: Predictions, second: Predictions) -> Predictions:
    """Return the second table in the order of the first's cases and classes, with the first's metadata.

    Raises DermError where cases, labels or classes differ, or a probability is missing.
    """
    if set(first.case_ids) != set(second.case_ids):
        case = min(set(first.case_ids) ^ set(second.case_ids))
        raise DermError(f"Case '{case}' is in one of two tables alone: what is compared must be judged on the same.")
    if set(first.classes) != set(second.classes):
        name = min(set(first.classes) ^ set(second.classes))
        raise DermError(f"Class '{name}' is in one of two tables alone: what is compared must have the same classes.")
    if second.complete_probabilities is None:
        raise DermError(f"Case '{second.case_ids[0]}' lacks a probability of a class: give one of every class.")
    row_of = {case: row for row, case in enumerate(second.case_ids)}
    rows = [row_of[case] for case in first.case_ids]
    labels = second.labels[rows]
    if (mismatches := np.flatnonzero(labels != first.labels)).size:
        raise DermError(
            f"Case '{first.case_ids[mismatches[0]]}' is '{first.labels[mismatches[0]]}' in one table and "
            f"'{labels[mismatches[0]]}' in the other: compare tables with the same labels."
        )
    columns = [second.classes.index(name) for name in first.classes]
    probabilities = second.complete_probabilities[np.ix_(rows, columns)]
    return Predictions(
        first.classes, first.case_ids, first.labels, second.predictions[rows], probabilities, first.metadata
    )


def on_fold(predictions: Predictions, table: FoldTable, fold: int) -> Predictions:
    """Return predictions in the order of a fold's test part, with the group of each case as its patient.

    Raises DermError where they are not of that fold's cases, all of them.
    """
    test = table.is_test(fold)
    none = np.full((int(test.sum()), len(table.classes)), 1.0 / len(table.classes))
    reference = predictions_of(table.case_ids[test], table.labels[test], table.classes, none)
    reference = replace(reference, metadata={"patient": table.groups[test]})
    return aligned(reference, predictions)


def pooled(parts: Sequence[tuple[int, Predictions]]) -> Predictions:
    """Return the tables of all folds and seeds as one, each with its seed; a case is named by seed, for it recurs.

    A patient is the same in all seeds, so that draws take or leave all of a patient's answers.
    """
    first = parts[0][1]
    probabilities = [each.probabilities for _, each in parts if each.probabilities is not None]
    return Predictions(
        first.classes,
        tuple(f"{case} (seed {seed})" for seed, each in parts for case in each.case_ids),
        np.concatenate([each.labels for _, each in parts]),
        np.concatenate([each.predictions for _, each in parts]),
        np.concatenate(probabilities),
        {"patient": np.concatenate([each.metadata["patient"] for _, each in parts])},
    )
