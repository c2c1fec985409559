"""Conformal prediction sets: several classes for a case, with a promised chance that the true one is among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.intervals.effective_cases import interval_of_hits, intervals_of_hits
from derm_cli.evaluation.intervals.resampling import Interval, Intervals, Replicates, ResamplingMethod, intervals_json
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.promises import Promise, promise
from derm_cli.evaluation.predictions import Predictions

COVERAGE = 0.9


@dataclass(frozen=True, kw_only=True)
class SetFigures:
    """How prediction sets did on a test part.

    ``coverage`` is the share of cases whose class is in their set, ``size`` the mean number of classes in a set, each
    by class too (None without a case), ``empty`` the share of cases with an empty set.  The intervals are of coverage.
    """

    coverage: float
    size: float
    empty: float
    coverage_by_class: dict[str, float | None]
    size_by_class: dict[str, float | None]
    coverage_interval: Interval | None = None
    intervals_by_class: Intervals = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            **vars(self),
            "coverage_interval": self.coverage_interval and self.coverage_interval.to_json(),
            "intervals_by_class": intervals_json(self.intervals_by_class),
        }


@dataclass(frozen=True, kw_only=True)
class SetsByClass(SetFigures):
    """How sets did in which each class has a threshold of its own, with its promise (Mondrian; Vovk et al. 2005, 4.5).

    A class whose promise has no threshold, for too few cases, is in every set.
    """

    promises: Mapping[str, Promise]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**super().to_json(), "promises": {name: each.to_json() for name, each in self.promises.items()}}


@dataclass(frozen=True, kw_only=True)
class PredictionSets(SetFigures):
    """How sets did that have every class of ``threshold`` or more, chosen on ``chosen_on`` cases of another part.

    The ``promise`` is that of the share ``target`` of all cases; ``by_class`` are the sets that promise it for each
    class.
    """

    target: float
    threshold: float
    chosen_on: int
    promise: Promise
    by_class: SetsByClass

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**super().to_json(), "promise": self.promise.to_json(), "by_class": self.by_class.to_json()}


def set_promises(part: Predictions, coverage: float = COVERAGE) -> tuple[Promise, tuple[Promise, ...]]:
    """Return the promise for all cases of a part that was not trained on, and one for the cases of each class.

    Split conformal prediction with the probability of the true class as its score (Sadinle, Lei and Wasserman, JASA
    2019): of cases like these, a share ``coverage`` or more has its class in its set.  The threshold is one of these
    probabilities, to the bit, so that no case is lost to rounding.
    """
    probabilities, truth, groups = part.complete_probabilities, part.class_indices(part.labels), part.patients
    assert probabilities is not None
    scores = probabilities[np.arange(len(truth)), truth]
    of_classes = (np.flatnonzero(truth == class_index) for class_index in range(len(part.classes)))
    return (
        promise(scores, groups, coverage, part.group_word),
        tuple(promise(scores[cases], groups[cases], coverage, part.group_word) for cases in of_classes),
    )


class PredictionSetMeasure(Measure[PredictionSets]):
    """Measures prediction sets: coverage and size of those by one threshold, and by one for each class."""

    name = "conformal"

    def __init__(
        self,
        probabilities: Floats,
        truth: Indices,
        classes: tuple[str, ...],
        promises: tuple[Promise, tuple[Promise, ...]],
        groups: Indices | None = None,
    ) -> None:
        """Take ``probabilities`` (n, classes) and ``truth`` (n,), and the promises as :func:`set_promises` has them.

        ``groups`` (n,) are the numbers of the cases' patients, None where each has one.
        """
        self.truth, self.classes = truth, classes
        self.groups = np.arange(len(truth)) if groups is None else groups
        self.promise, self.promises = promises
        self.in_set = {
            "": probabilities >= (self.promise.threshold or 0.0),
            "own ": probabilities >= np.array([each.threshold or 0.0 for each in self.promises]),
        }

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Choose the thresholds on the validation part; None unless both parts have a probability of every class."""
        validation = inputs.validation
        if inputs.probabilities is None or validation is None or validation.complete_probabilities is None:
            return None
        return cls(
            inputs.probabilities, inputs.truth, inputs.test.classes, set_promises(validation), inputs.test.patients
        )

    def result(self, replicates: Replicates, method: ResamplingMethod) -> PredictionSets:  # noqa: ARG002
        """Return how the sets did, with intervals unless ``replicates`` are empty."""
        by_class = SetsByClass(
            promises=dict(zip(self.classes, self.promises, strict=True)),
            **self._figures("own ", intervals=bool(replicates)),
        )
        return PredictionSets(
            target=self.promise.target,
            threshold=self.promise.threshold or 0.0,
            chosen_on=self.promise.cases,
            promise=self.promise,
            by_class=by_class,
            **self._figures("", intervals=bool(replicates)),
        )

    def _covered(self, in_set: Flags) -> Flags:
        return np.asarray(in_set[np.arange(len(self.truth)), self.truth])

    def _figures(self, kind: str, *, intervals: bool) -> dict[str, Any]:
        """Return the values of :class:`SetFigures` of one kind of sets."""
        covered, sizes = self._covered(self.in_set[kind]), self.in_set[kind].sum(axis=1)
        members = {name: self.truth == class_index for class_index, name in enumerate(self.classes)}

        shares = {name: (covered, own) for name, own in members.items()}

        def mean_by_class(values: npt.NDArray[np.generic]) -> dict[str, float | None]:
            return {name: float(values[own].mean()) if own.any() else None for name, own in members.items()}

        return {
            "coverage": float(covered.mean()),
            "size": float(sizes.mean()),
            "empty": float((sizes == 0).mean()),
            "coverage_by_class": mean_by_class(covered),
            "size_by_class": mean_by_class(sizes),
            "coverage_interval": interval_of_hits(covered, self.groups) if intervals else None,
            "intervals_by_class": intervals_of_hits(shares, self.groups) if intervals else {},
        }
