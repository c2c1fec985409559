"""Methods are compared on the same cases, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.recipes.aligning import aligned, on_fold, pooled
from benchmarks.recipes.task import predictions_of
from derm_cli.errors import DermError


@pytest.fixture
def first():
    return predictions_of(np.array(["a", "b"]), np.array(["x", "y"]), ("x", "y"), np.array([[0.6, 0.4], [0.3, 0.7]]))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"case_ids": ("a", "c")}, "Case 'b' is in one of two tables alone"),
        ({"classes": ("x", "z")}, "Class 'y' is in one of two tables alone"),
        ({"labels": np.array(["y", "y"])}, "Case 'a' is 'x' in one table and 'y' in the other"),
        ({"probabilities": None}, "lacks a probability"),
    ],
)
def test_other_cases_classes_or_labels_are_refused(first, changed, message):
    with pytest.raises(DermError, match=message):
        aligned(first, replace(first, **changed))


def test_predictions_of_another_fold_are_refused(table):
    test = table.is_test(1)
    probabilities = np.full((int(test.sum()), 3), 1 / 3)
    predictions = predictions_of(table.case_ids[test], table.labels[test], table.classes, probabilities)
    assert on_fold(predictions, table, 1).metadata["patient"].tolist() == table.groups[test].tolist()
    with pytest.raises(DermError, match="in one of two tables alone"):
        on_fold(predictions, table, 2)


def test_seeds_are_pooled_by_patient(first):
    with_patients = replace(first, metadata={"patient": np.array(["p", "q"])})
    both = pooled([(0, with_patients), (1, with_patients)])
    assert both.case_ids == ("a (seed 0)", "b (seed 0)", "a (seed 1)", "b (seed 1)")
    assert both.patients.tolist() == [0, 1, 0, 1]
    assert both.probabilities.shape == (4, 2)
