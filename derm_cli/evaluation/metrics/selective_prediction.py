"""Selective prediction: how the cases fare that are left when the least confident ones go to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.intervals.resampling import (
    Intervals,
    Replicates,
    ResamplingMethod,
    counted_word,
    intervals_json,
)
from derm_cli.evaluation.intervals.table_intervals import Given, table_intervals
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.predictions import Predictions

SHARES = tuple(round(twentieths / 20, 2) for twentieths in range(20, 1, -1))
"""The shares of the cases that are to be answered at least, from all of them to a tenth."""
METRICS = ("accuracy", "balanced_accuracy")


@dataclass(frozen=True)
class SelectivePoint:
    """The most confident share of the cases, ``answered``, in 0..1: its least confidence, and how it fares.

    The ``intervals`` are those of accuracy and balanced accuracy of all cases of that confidence or more, 95 %;
    ``withheld`` says why one has none.
    """

    answered: float
    confidence: float
    accuracy: float
    balanced_accuracy: float
    intervals: Intervals = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the point as JSON values."""
        own = {name: value for name, value in vars(self).items() if name != "withheld"}
        return {**own, "intervals": intervals_json(self.intervals), "no_interval": dict(self.withheld)}


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

    def __init__(
        self, probabilities: Floats, truth: Indices, groups: Indices | None = None, classes: Sequence[str] = ()
    ) -> None:
        """Take ``probabilities`` (n, classes), none of them NaN, and the true classes' indices, (n,).

        ``groups`` (n,) are the numbers of the cases' patients, None where each has one; ``classes`` are the classes'
        names, their indices by default.
        """
        self.confidence, self.truth = probabilities.max(axis=1), truth
        self.predicted = probabilities.argmax(axis=1)
        self.classes = tuple(classes) or tuple(map(str, range(probabilities.shape[1])))
        self.groups = np.arange(len(truth)) if groups is None else groups
        descending = np.sort(self.confidence)[::-1]
        counts = [max(1, round(share * len(truth))) for share in SHARES]
        self.least = np.unique(descending[np.array(counts) - 1])

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        if inputs.probabilities is None:
            return None
        return cls(inputs.probabilities, inputs.truth, inputs.test.patients, inputs.test.classes)

    def result(self, replicates: Replicates, method: ResamplingMethod) -> SelectivePrediction:
        """Return the points, with intervals unless ``replicates`` are empty."""
        word = counted_word(method) if replicates else None
        return SelectivePrediction(tuple(self._point(float(least), word) for least in self.least))

    def _point(self, least: float, word: str | None) -> SelectivePoint:
        """Return how the cases of at least that confidence fare, with intervals where groups have a ``word``."""
        answered = self.confidence >= least
        correct, classes = self.predicted[answered] == self.truth[answered], self.truth[answered]
        support, right = np.bincount(classes), np.bincount(classes, weights=correct)
        given = Given() if word is None else self._given(answered, word)
        return SelectivePoint(
            float(answered.mean()),
            least,
            float(correct.mean()),
            float((right[support > 0] / support[support > 0]).mean()),
            {name: each for name, each in given.intervals.items() if name in METRICS},
            {name: each for name, each in given.withheld.items() if name in METRICS},
        )

    def _given(self, answered: Flags, word: str) -> Given:
        """Return the intervals over all classes of a table that has the answered cases alone."""
        names = np.array(self.classes)
        labels, predictions = names[self.truth[answered]], names[self.predicted[answered]]
        table = Predictions(self.classes, tuple(map(str, np.flatnonzero(answered))), labels, predictions, None)
        _, groups = np.unique(self.groups[answered], return_inverse=True)
        return table_intervals(table, groups, None, word).overall
