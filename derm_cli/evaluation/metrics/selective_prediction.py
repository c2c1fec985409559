"""Selective prediction: how the cases fare that are left when the least confident ones go to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.confusion import count_cells, mean_defined, ratio
from derm_cli.evaluation.resampling import (
    Intervals,
    Replicates,
    ResamplingMethod,
    intervals_json,
    metric_intervals,
    point_estimates,
)

SHARES = tuple(round(twentieths / 20, 2) for twentieths in range(20, 1, -1))
"""The shares of the cases that are to be answered at least, from all of them to a tenth."""


@dataclass(frozen=True)
class SelectivePoint:
    """The most confident share of the cases, ``answered``, in 0..1: its least confidence, and how it fares.

    The ``intervals`` are those of accuracy and balanced accuracy of all cases of that confidence or more.
    """

    answered: float
    confidence: float
    accuracy: float
    balanced_accuracy: float
    intervals: Intervals = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the point as JSON values."""
        return {**vars(self), "intervals": intervals_json(self.intervals)}


@dataclass(frozen=True)
class SelectivePrediction:
    """The accuracy of every share that is answered, the largest first."""

    points: tuple[SelectivePoint, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the points as JSON values."""
        return [point.to_json() for point in self.points]


class SelectiveMeasure(Measure[SelectivePrediction]):
    """Measures selective prediction: the accuracy of the most confident cases (El-Yaniv and Wiener, JMLR 2010).

    Cases of equal confidence are answered together, for nothing tells which of them comes first.  So a point may answer
    more than its share of :data:`SHARES`, and a share that answers no fewer than the one before it has no point.
    """

    name = "abstention"
    absent: ClassVar[list[Any] | None] = []

    def __init__(self, probabilities: Floats, truth: Indices) -> None:
        """Take ``probabilities`` (n, classes), none of them NaN, and the true classes' indices, (n,)."""
        confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
        descending = np.sort(confidence)[::-1]
        least = [descending[max(1, round(share * len(truth))) - 1] for share in SHARES]
        self.least = np.unique(np.array(least))
        self.answered = np.array([(confidence >= each).mean() for each in self.least])
        # Each case lies in the band above the highest least confidence that it reaches; all reach the first.
        band = np.searchsorted(self.least, confidence, side="right") - 1
        self.shape = (len(self.least), probabilities.shape[1], 2)
        self.cells = np.ravel_multi_index((band, truth, correct.astype(np.intp)), self.shape)

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        return None if inputs.probabilities is None else cls(inputs.probabilities, inputs.truth)

    def replicates(self, weights: Weights) -> Replicates:
        """Return accuracy and balanced accuracy of each point in each draw, (draws, points), largest share first."""
        counts = self._answered(count_cells(self.cells, self.shape, weights))
        by_class = ratio(counts[..., 1], counts.sum(axis=-1))
        all_classes = counts.sum(axis=-2)
        return {
            "accuracy": ratio(all_classes[..., 1], all_classes.sum(axis=-1)),
            "balanced_accuracy": mean_defined(by_class),
        }

    def result(self, replicates: Replicates, method: ResamplingMethod) -> SelectivePrediction:
        """Return the points, with the intervals that ``replicates`` give, which may be empty."""
        values = point_estimates(self.replicates, len(self.cells))
        counts = self._answered(count_cells(self.cells, self.shape)[np.newaxis])[0].sum(axis=-2).astype(int)
        return SelectivePrediction(
            tuple(
                SelectivePoint(
                    float(self.answered[point]),
                    float(self.least[point]),
                    float(values["accuracy"][point]),
                    float(values["balanced_accuracy"][point]),
                    metric_intervals(
                        {name: each[:, point] for name, each in replicates.items()},
                        method,
                        {"accuracy": (int(counts[point, 1]), int(counts[point].sum()))},
                    ),
                )
                for point in range(len(self.least))
            )
        )

    @staticmethod
    def _answered(counts: Floats) -> Floats:
        """Return the counts of all cases that reach a point, from those of each band, (draws, points, classes, 2)."""
        return np.asarray(np.flip(np.cumsum(np.flip(counts, axis=1), axis=1), axis=1))
