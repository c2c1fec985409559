"""Late fusion is a product."""

from __future__ import annotations

import numpy as np

from benchmarks.recipes.fusion import fused
from benchmarks.recipes.task import predictions_of


def test_probabilities_are_multiplied_case_by_case_and_class_by_class():
    cases, labels = np.array(["a", "b"]), np.array(["x", "y"])
    first = predictions_of(cases, labels, ("x", "y"), np.array([[0.5, 0.5], [0.8, 0.2]]))
    second = predictions_of(cases[::-1], labels[::-1], ("y", "x"), np.array([[0.9, 0.1], [0.25, 0.75]]))
    product = fused(first, second)
    assert product.case_ids == ("a", "b")
    assert product.predictions.tolist() == ["x", "y"]
    assert np.allclose(product.probabilities, [[0.75, 0.25], [0.08 / 0.26, 0.18 / 0.26]])


def test_two_that_are_sure_of_different_classes_leave_a_case_with_a_sum_of_one():
    cases, labels = np.array(["a"]), np.array(["x"])
    sure = [predictions_of(cases, labels, ("x", "y"), np.array([each])) for each in ([1.0, 0.0], [0.0, 1.0])]
    assert np.allclose(fused(*sure).probabilities, [[0.5, 0.5]])
