"""Selective prediction: how the cases fare that are left when the least confident ones go to a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.resampling import Replicates, ResamplingMethod

SHARES = tuple(round(twentieths / 20, 2) for twentieths in range(20, 1, -1))
"""The shares of the cases that are answered, from all of them to a tenth."""


@dataclass(frozen=True)
class SelectivePoint:
    """The most confident share of the cases, ``answered``, in 0..1: its least confidence, and how it fares."""

    answered: float
    confidence: float
    accuracy: float
    balanced_accuracy: float


@dataclass(frozen=True)
class SelectivePrediction:
    """The accuracy of every share that is answered, the largest first."""

    points: tuple[SelectivePoint, ...]

    def to_json(self) -> list[dict[str, float]]:
        """Return the points as JSON values."""
        return [vars(point) for point in self.points]


class SelectiveMeasure(Measure[SelectivePrediction]):
    """Measures selective prediction: the accuracy of the most confident cases, without intervals."""

    name = "abstention"
    absent: ClassVar[list[Any] | None] = []

    def __init__(self, probabilities: Floats, truth: Indices) -> None:
        """Take ``probabilities`` (n, classes), none of them NaN, and the true classes' indices, (n,)."""
        self.probabilities, self.truth = probabilities, truth

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        return None if inputs.probabilities is None else cls(inputs.probabilities, inputs.truth)

    def replicates(self, weights: Weights) -> Replicates:  # noqa: ARG002
        """Return nothing: which cases are the most confident would differ from draw to draw."""
        return {}

    def result(self, replicates: Replicates, method: ResamplingMethod) -> SelectivePrediction:  # noqa: ARG002
        """Return the points of all :data:`SHARES`."""
        return SelectivePrediction(selective_curve(self.probabilities, self.truth))


def selective_curve(
    probabilities: Floats, truth: Indices, shares: tuple[float, ...] = SHARES
) -> tuple[SelectivePoint, ...]:
    """Return how the most confident ``shares`` of the cases fare (El-Yaniv and Wiener, JMLR 2010)."""
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    order = np.argsort(-confidence, kind="stable")
    points = []
    for share in shares:
        answered = order[: max(1, round(share * len(order)))]
        classes = truth[answered]
        correct = predicted[answered] == classes
        sensitivities = [correct[classes == class_index].mean() for class_index in np.unique(classes)]
        least = float(confidence[answered[-1]])
        points.append(SelectivePoint(share, least, float(correct.mean()), float(np.mean(sensitivities))))
    return tuple(points)
