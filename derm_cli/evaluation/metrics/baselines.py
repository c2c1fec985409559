"""A classifier against its baselines on the same cases: what each gives, and the paired differences.

A baseline is what can be had without training the network: a run that is not better has learnt nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

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

    def result(self, replicates: Replicates, method: ResamplingMethod) -> BaselineComparisons:
        """Return the comparison with each baseline, with the intervals that ``replicates`` give, which may be empty."""
        values = {key: scored.metrics() for key, scored in self.scored.items()}
        intervals = {key: self._intervals(key, values[key], method) if replicates else {} for key in self.scored}
        differences = self._differences(method, intervals=bool(replicates))
        comparisons = []
        for number, baseline in enumerate(self.baselines):
            key = str(number)
            if key not in self.scored:
                comparisons.append(BaselineComparison(baseline))
                continue
            comparisons.append(BaselineComparison(baseline, values[key], intervals[key], differences[key]))
        return BaselineComparisons(tuple(comparisons), values[OWN], intervals[OWN])

    def _intervals(self, key: str, metrics: dict[str, float | None], method: ResamplingMethod) -> Intervals:
        given = self.scored[key].measure.intervals(method).overall.intervals
        losses, table = self.scored[key].losses, self.scored[key].measure.predictions
        scores = {} if losses is None else {"log_loss": losses}
        of_loss, _ = score_intervals_of(scores, table.class_indices(table.labels), table.patients, method)
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
    """One classifier's cases, and :data:`COMPARED` of them."""

    def __init__(self, measure: ClassificationMeasure) -> None:
        self.measure, self.cases = measure, measure.cases
        probabilities = measure.predictions.complete_probabilities
        self.losses = None if probabilities is None else log_losses(probabilities, measure.truth)

    def metrics(self) -> dict[str, float | None]:
        """Return each metric, None where undefined; without probabilities there is no log loss, and no AUC."""
        overall = point_estimates(self.measure.metrics, len(self.measure.truth))
        names = COMPARED.keys() - {"log_loss"} - ({"auc"} if self.losses is None else set())
        metrics = {name: none_if_nan(overall[f"overall {name}"]) for name in COMPARED if name in names}
        return metrics if self.losses is None else {**metrics, "log_loss": float(self.losses.mean())}
