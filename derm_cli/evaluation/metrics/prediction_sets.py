"""Conformal prediction sets: several classes for a case, with a promised chance that the true one is among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.confusion import count_cells, ratio
from derm_cli.evaluation.resampling import (
    Interval,
    Intervals,
    Replicates,
    ResamplingMethod,
    intervals_json,
    metric_intervals,
    proportion_interval,
)

COVERAGE = 0.9


@dataclass(frozen=True)
class PredictionSets:
    """How prediction sets did on a test part, whose ``threshold`` was chosen on another.

    ``coverage`` is the share of cases whose class is in their set, ``size`` the mean number of classes in a set, each
    by class too (None without a case), ``empty`` the share of cases with an empty set.  The intervals are of coverage.
    """

    target: float
    threshold: float
    chosen_on: int
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


def conformal_threshold(probabilities: Floats, truth: Indices, coverage: float = COVERAGE) -> float:
    """Return the least probability with which a class joins a set, chosen on cases not trained on.

    ``probabilities`` (n, classes) and ``truth`` (n,).  Split conformal prediction with the score 1 - p of the true
    class (Sadinle, Lei and Wasserman, JASA 2019): of cases like these, a share ``coverage`` or more has its class in
    its set.  0, every class, where n is too few to promise it.
    """
    scores = np.sort(1 - probabilities[np.arange(len(truth)), truth])
    rank = int(np.ceil((len(scores) + 1) * coverage))
    return float(1 - scores[rank - 1]) if rank <= len(scores) else 0.0


class PredictionSetMeasure(Measure[PredictionSets]):
    """Measures prediction sets: coverage and size of the sets of classes of probability ``threshold`` or more."""

    name = "conformal"

    def __init__(
        self,
        probabilities: Floats,
        truth: Indices,
        classes: tuple[str, ...],
        *,
        threshold: float,
        chosen_on: int,
        coverage: float = COVERAGE,
    ) -> None:
        """Take ``probabilities`` (n, classes) and ``truth`` (n,); ``chosen_on`` cases gave the threshold."""
        self.truth, self.classes = truth, classes
        self.threshold, self.chosen_on, self.target = threshold, chosen_on, coverage
        in_set = probabilities >= threshold
        self.covered, self.sizes = in_set[np.arange(len(truth)), truth], in_set.sum(axis=1)

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Choose the threshold on the validation part; None unless both parts have a probability of every class."""
        validation = inputs.validation
        chosen_by = None if validation is None else validation.complete_probabilities
        if inputs.probabilities is None or validation is None or chosen_by is None:
            return None
        return cls(
            inputs.probabilities,
            inputs.truth,
            inputs.test.classes,
            threshold=conformal_threshold(chosen_by, validation.class_indices(validation.labels)),
            chosen_on=len(chosen_by),
        )

    def replicates(self, weights: Weights) -> Replicates:
        """Return the coverage of each draw: ``by_class`` (draws, classes), and ``overall`` (draws,)."""
        counts = count_cells(self.truth * 2 + self.covered, (len(self.classes), 2), weights)
        overall = counts.sum(axis=1)
        return {
            "by_class": ratio(counts[..., 1], counts.sum(axis=-1)),
            "overall": ratio(overall[..., 1], overall.sum(axis=-1)),
        }

    def result(self, replicates: Replicates, method: ResamplingMethod) -> PredictionSets:
        """Return how the sets did, with the intervals that ``replicates`` give, which may be empty."""
        members = {name: self.truth == class_index for class_index, name in enumerate(self.classes)}

        def mean_by_class(values: npt.NDArray[np.generic]) -> dict[str, float | None]:
            return {name: float(values[own].mean()) if own.any() else None for name, own in members.items()}

        cases = len(self.truth)
        overall = (
            proportion_interval(int(self.covered.sum()), cases, replicates["overall"], method) if replicates else None
        )
        own_replicates = {
            name: replicates["by_class"][:, class_index] for class_index, name in enumerate(self.classes) if replicates
        }
        proportions = {name: (int(self.covered[own].sum()), int(own.sum())) for name, own in members.items()}
        return PredictionSets(
            target=self.target,
            threshold=self.threshold,
            chosen_on=self.chosen_on,
            coverage=float(self.covered.mean()),
            size=float(self.sizes.mean()),
            empty=float((self.sizes == 0).mean()),
            coverage_by_class=mean_by_class(self.covered),
            size_by_class=mean_by_class(self.sizes),
            coverage_interval=overall,
            intervals_by_class=metric_intervals(own_replicates, method, proportions),
        )
