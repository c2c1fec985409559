"""A classifier against its baselines on the same cases: what each gives, and the paired differences.

A baseline is what can be had without training the network: a run that is not better has learnt nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Weights
from derm_cli.evaluation.baseline_predictions import BaselinePredictions
from derm_cli.evaluation.intervals.resampling import (
    Intervals,
    Replicates,
    ResamplingMethod,
    counted_word,
    intervals_json,
    point_estimates,
)
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.calibration import log_losses, score_intervals_of
from derm_cli.evaluation.metrics.classification import ClassificationMeasure, none_if_nan, with_width
from derm_cli.evaluation.metrics.confusion import Margins, mean_defined, overall_metrics
from derm_cli.evaluation.metrics.metric_table import CALIBRATION_METRICS, OVERALL_METRICS, Metric
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference, differences_together, paired_metrics
from derm_cli.evaluation.predictions import Predictions

COMPARED: dict[str, Metric] = {
    **{name: OVERALL_METRICS[name] for name in ("macro_f1", "balanced_accuracy", "accuracy", "auc")},
    "log_loss": CALIBRATION_METRICS["log_loss"],
}
"""The metrics that baselines are judged by.  The first decides which of two classifiers is called better."""
OWN = "own"
"""The place of the classifier itself among the replicates; a baseline's is its number."""


@dataclass(frozen=True)
class BaselineComparison:
    """A baseline's metrics, by the names of :data:`COMPARED`, and how far the classifier is above them.

    ``differences`` are the classifier's metrics less the baseline's; all are empty where ``baseline`` has no
    predictions.
    """

    baseline: BaselinePredictions
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    intervals: Intervals = field(default_factory=dict)
    differences: Mapping[str, MetricDifference] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what is known of the baseline, its metrics and the differences as JSON values."""
        if not self.differences:
            return self.baseline.to_json()
        differences = {
            name: {"difference": each.difference, "interval": each.interval and each.interval.to_json()}
            | ({"reason": each.reason} if each.reason else {})
            for name, each in self.differences.items()
        }
        return {
            **self.baseline.to_json(),
            **self.metrics,
            "intervals": intervals_json(self.intervals),
            "differences": differences,
        }


@dataclass(frozen=True)
class BaselineComparisons:
    """All baselines of a classifier, and its own metrics, by the names of :data:`COMPARED`, to show beside them."""

    comparisons: tuple[BaselineComparison, ...]
    own: Mapping[str, float | None]
    own_intervals: Intervals

    def to_json(self) -> dict[str, Any]:
        """Return the comparison with each baseline as JSON values, by its name."""
        return {each.baseline.name: each.to_json() for each in self.comparisons}


class BaselineMeasure(Measure[BaselineComparisons]):
    """The metrics of each baseline, and their paired differences from the classifier's."""

    name = "baselines"
    left_out_if_absent = True

    def __init__(self, test: Predictions, baselines: Sequence[BaselinePredictions]) -> None:
        self.baselines = tuple(baselines)
        tables = {str(number): each.predictions for number, each in enumerate(baselines)}
        self.scored = {
            key: _Scored(ClassificationMeasure(table))
            for key, table in {OWN: test, **tables}.items()
            if table is not None
        }

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None where no baseline was computed for them."""
        return cls(inputs.test, inputs.baselines) if inputs.baselines else None

    def replicates(self, weights: Weights) -> Replicates:
        """Return the metrics of each draw, (draws,), of the classifier and of each baseline."""
        return {
            f"{key} {name}": values
            for key, scored in self.scored.items()
            for name, values in scored.metrics(weights).items()
        }

    def result(self, replicates: Replicates, method: ResamplingMethod) -> BaselineComparisons:
        """Return the comparison with each baseline, with the intervals that ``replicates`` give, which may be empty."""
        points = point_estimates(self.replicates, self.scored[OWN].cases)
        values = {
            key: {name: none_if_nan(points[f"{key} {name}"]) for name in COMPARED if f"{key} {name}" in points}
            for key in self.scored
        }
        for key, scored in self.scored.items():
            if scored.losses is not None:
                # Of the table itself as its calibration has it, to the last digit.
                values[key]["log_loss"] = float(scored.losses.mean())
        intervals = {key: self._intervals(key, values[key], replicates, method) for key in self.scored}
        differences = self._differences(method, intervals=bool(replicates))
        comparisons = []
        for number, baseline in enumerate(self.baselines):
            key = str(number)
            if key not in self.scored:
                comparisons.append(BaselineComparison(baseline))
                continue
            comparisons.append(BaselineComparison(baseline, values[key], intervals[key], differences[key]))
        return BaselineComparisons(tuple(comparisons), values[OWN], intervals[OWN])

    def _intervals(
        self, key: str, metrics: dict[str, float | None], replicates: Replicates, method: ResamplingMethod
    ) -> Intervals:
        if not replicates:
            return {}
        given = self.scored[key].measure.intervals(method).overall.intervals
        drawn = {"log_loss": replicates[f"{key} log_loss"]} if f"{key} log_loss" in replicates else {}
        table = self.scored[key].measure.predictions
        of_loss, _ = score_intervals_of(drawn, table.class_indices(table.labels), table.patients, method)
        return with_width({name: given[name] for name in COMPARED if name in given} | of_loss, metrics)

    def _differences(self, method: ResamplingMethod, *, intervals: bool) -> dict[str, dict[str, MetricDifference]]:
        """Return the differences from each baseline, by its key; their intervals hold for all of them together."""
        own = self.scored[OWN].measure.predictions
        paired = {
            key: paired_metrics(scored.measure.predictions, own)[0] for key, scored in self.scored.items() if key != OWN
        }
        places = [(key, name) for key, metrics in paired.items() for name in COMPARED if name in metrics]
        metrics = [paired[key][name] for key, name in places]
        told = differences_together(metrics, counted_word(method), intervals=intervals)
        differences: dict[str, dict[str, MetricDifference]] = {key: {} for key in paired}
        for (key, name), each in zip(places, told, strict=True):
            differences[key][name] = each
        return differences


class _Scored:
    """One classifier's cases, made ready for :data:`COMPARED` to be computed on many draws."""

    def __init__(self, measure: ClassificationMeasure) -> None:
        self.measure, self.cases = measure, measure.cases
        probabilities = measure.predictions.complete_probabilities
        self.losses = None if probabilities is None else log_losses(probabilities, measure.truth)

    def metrics(self, weights: Weights) -> Replicates:
        """Return each metric of each draw, (draws,); without probabilities there is no log loss, and no AUC."""
        measure = self.measure
        overall = overall_metrics(Margins.of_cases(measure.truth, measure.predicted, (measure.classes,), weights))
        metrics = {name: overall[name] for name in COMPARED if name in overall}
        if self.losses is None:
            return metrics
        undefined = np.full(len(weights), np.nan)
        areas = [undefined if ranking is None else ranking.auc(weights) for ranking in measure.rankings]
        sums = (weights @ np.stack([self.losses, np.ones(self.cases)], axis=1).astype(np.float32)).astype(np.float64)
        return {**metrics, "auc": mean_defined(np.stack(areas, axis=1)), "log_loss": sums[:, 0] / sums[:, 1]}
