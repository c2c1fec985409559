"""Naive late fusion: the product of two methods' probabilities."""

from __future__ import annotations

import numpy as np

from benchmarks.recipes.aligning import aligned
from benchmarks.recipes.task import predictions_of
from derm_cli.evaluation.metrics.calibration import SMALLEST
from derm_cli.evaluation.predictions import Predictions


def fused(first: Predictions, second: Predictions) -> Predictions:
    """Return the predictions by p q / sum(p q) over the classes, of probabilities p and q of the same cases.

    Raises DermError where the cases, labels or classes are not the same.
    """
    second = aligned(first, second)
    assert first.probabilities is not None
    assert second.probabilities is not None
    # One that is sure and wrong must not leave a case without any class.
    product = np.maximum(first.probabilities, SMALLEST) * np.maximum(second.probabilities, SMALLEST)
    product /= product.sum(axis=1, keepdims=True)
    return predictions_of(np.array(first.case_ids), first.labels, first.classes, product)
