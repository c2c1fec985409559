"""How well each class is recognised, in the metrics that medical papers give, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Counts, Flags, Floats, Indices, Weights
from derm_cli.evaluation.grouping import count_json
from derm_cli.evaluation.intervals.resampling import (
    DRAWS,
    Intervals,
    Replicates,
    ResamplingMethod,
    counted_word,
    intervals_json,
    point_estimates,
)
from derm_cli.evaluation.intervals.table_intervals import Given, TableIntervals, table_intervals, withheld_notes
from derm_cli.evaluation.measure import EvaluationInput, Measure, measure_one
from derm_cli.evaluation.metrics.confusion import (
    Margins,
    class_metrics,
    confusion_matrix,
    mean_defined,
    overall_metrics,
    ratio,
)
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.evaluation.metrics.ranking import Ranking
from derm_cli.evaluation.predictions import Predictions

TOP = 3


@dataclass(frozen=True)
class ClassMetrics:
    """One class against all others.  TP, FP, FN, TN count cases; shares are 0..1, and None where they are undefined.

    - ``support`` = TP + FN, the cases of the class; ``predicted`` = TP + FP, the cases predicted to be of it
    - ``sensitivity`` (recall) = TP / (TP + FN); None without a case of the class
    - ``specificity`` = TN / (TN + FP); None where every case is of the class
    - ``precision`` (positive predictive value) = TP / (TP + FP); None where the class was never predicted
    - ``npv`` (negative predictive value) = TN / (TN + FN); None where only the class was predicted
    - ``f1`` = 2 TP / (2 TP + FP + FN); None only where the class occurs nowhere
    - ``auc``: the chance that a case of the class has a higher probability of it than a case of another class, ties
      counting one half; None without probabilities of the class, or without cases on both sides
    - ``average_precision``: the sum of the precision at each threshold, weighed by the step of recall; None likewise
    - ``intervals``: those of the shares that are defined, 95 %; ``withheld``: why others have none, by metric
    - ``groups``: the number of patients, say, with a case of the class, None where nobody has several cases
    """

    support: int
    predicted: int
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    npv: float | None
    f1: float | None
    auc: float | None
    average_precision: float | None
    intervals: Intervals = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)
    groups: int | None = None

    def to_json(self, word: str) -> dict[str, Any]:
        """Return the metrics as JSON values; ``word`` is what groups are called."""
        own = {name: value for name, value in vars(self).items() if name not in ("withheld", "groups")}
        counts = {} if self.groups is None else {word: self.groups}
        return {**own, **counts, "intervals": intervals_json(self.intervals), "no_interval": dict(self.withheld)}


@dataclass(frozen=True)
class Evaluation:
    """The metrics of one predictions table, 0..1 unless stated otherwise, None where undefined.

    - ``accuracy`` = correct cases / cases
    - ``balanced_accuracy`` = mean sensitivity over the classes with a case (Brodersen et al., ICPR 2010)
    - ``weighted_f1`` = sum of support · F1 / cases
    - ``macro_f1`` = mean F1 over the classes that occur as a label or as a prediction
    - ``kappa`` (Cohen 1960) and ``mcc`` (Matthews, for several classes: Gorodkin 2004), -1..1
    - ``auc``: mean AUC over the classes that have one; ``top3`` = cases whose class is among the three most probable /
      cases, None for three classes or fewer
    - ``counts``: int64 (classes, classes), true class by row, predicted class by column, in the order of ``per_class``
    - ``groups``: the number of groups, patients say, None where nobody has several cases;
      ``group_word`` says whether they are patients
    - ``notes``: plain sentences on what is unknown, and why
    - ``intervals``, 95 %; ``withheld``: why others have none, by metric
    """

    cases: int
    accuracy: float
    balanced_accuracy: float
    weighted_f1: float
    macro_f1: float
    kappa: float | None
    mcc: float | None
    auc: float | None
    top3: float | None
    per_class: dict[str, ClassMetrics]
    counts: Counts
    notes: tuple[str, ...]
    groups: int | None = None
    group_word: str = "patients"
    intervals: Intervals = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in order."""
        return tuple(self.per_class)

    def to_json(self) -> dict[str, Any]:
        """Return all metrics as JSON values: undefined ones are None, an interval is a list of its two ends."""
        return {
            "cases": self.cases,
            **count_json(self.groups, self.group_word),
            **{name: getattr(self, name) for name in OVERALL_METRICS},
            "intervals": intervals_json(self.intervals),
            "no_interval": dict(self.withheld),
            "per_class": {name: metrics.to_json(self.group_word) for name, metrics in self.per_class.items()},
            "confusion": {"classes": list(self.classes), "counts": self.counts.tolist()},
            "notes": list(self.notes),
        }


def evaluation_of(predictions: Predictions, draws: int = DRAWS, seed: int = 0) -> Evaluation:
    """Return every metric of a table of at least one case.  No metric that is undefined becomes a zero.

    ``draws`` of 0 leave the intervals out; any others give the same ones
    (:mod:`derm_cli.evaluation.intervals.table_intervals`).
    """
    return measure_one(ClassificationMeasure(predictions), predictions, draws, seed)


class ClassificationMeasure(Measure[Evaluation]):
    """Each class against all others, and all classes together."""

    name = "evaluation"

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions
        truth = predictions.class_indices(predictions.labels)
        self.classes, self.cases = len(predictions.classes), len(truth)
        self.truth, self.predicted = truth, predictions.class_indices(predictions.predictions)
        probabilities = predictions.probabilities
        self.rankings = [
            None if probabilities is None else Ranking.of(probabilities[:, class_index], truth == class_index)
            for class_index in range(self.classes)
        ]
        self.within_top = _within_top(predictions.complete_probabilities, truth)

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self:
        """Return the measure of the test cases."""
        return cls(inputs.test)

    def metrics(self, weights: Weights) -> Replicates:
        """Return every metric for ``weights`` (draws, n): each class's (draws, classes), ``overall …`` (draws,)."""
        margins = Margins.of_cases(self.truth, self.predicted, (self.classes,), weights)
        undefined = np.full(len(weights), np.nan)
        ranked = [
            (undefined, undefined) if ranking is None else ranking.auc_and_average_precision(weights)
            for ranking in self.rankings
        ]
        auc, average_precision = (np.stack(each, axis=1) for each in zip(*ranked, strict=True))
        top = undefined if self.within_top is None else weights @ self.within_top / weights.sum(axis=1)
        overall = overall_metrics(margins) | {"auc": mean_defined(auc), "top3": top}
        return {
            **class_metrics(margins),
            "auc": auc,
            "average_precision": average_precision,
            **{f"overall {name}": values for name, values in overall.items()},
        }

    def metrics_named(self, names: Sequence[tuple[str, str]], weights: Weights) -> list[Floats]:
        """Return metrics for ``weights`` (draws, n), each (draws,), and compute no others.

        ``names`` have a metric and a class, '' for one over all classes.
        """
        margins = Margins.of_cases(self.truth, self.predicted, (self.classes,), weights)
        of_classes, overall = class_metrics(margins), overall_metrics(margins)
        return [
            self._ranked(name, label, weights)
            if name in ("auc", "average_precision", "top3")
            else of_classes[name][:, self.predictions.classes.index(label)]
            if label
            else overall[name]
            for name, label in names
        ]

    def _ranked(self, name: str, label: str, weights: Weights) -> Floats:
        """Return a metric of probabilities, (draws,), as :meth:`metrics_named` does."""
        undefined = np.full(len(weights), np.nan)
        if name == "top3":
            return undefined if self.within_top is None else ratio(weights @ self.within_top, weights.sum(axis=1))
        classes = [self.predictions.classes.index(label)] if label else range(self.classes)
        rankings = [self.rankings[each] for each in classes]
        if name == "auc":
            return mean_defined(
                np.stack([undefined if each is None else each.auc(weights) for each in rankings], axis=1)
            )
        return undefined if rankings[0] is None else rankings[0].auc_and_average_precision(weights)[1]

    def intervals(self, method: ResamplingMethod) -> TableIntervals:
        """Return the intervals of all metrics, and why some have none."""
        return table_intervals(self.predictions, self.predictions.patients, self.within_top, counted_word(method))

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Evaluation:
        """Return the table's metrics, with intervals unless ``replicates`` are empty."""
        points = point_estimates(self.metrics, self.cases)
        counts = confusion_matrix(self.truth * self.classes + self.predicted, self.classes).astype(np.int64)
        groups = None if method == "bootstrap" else self.predictions.patients
        given = self.intervals(method) if replicates else TableIntervals()
        per_class = {
            name: _of_class(
                class_index, counts, points, given.of_class(name), _count_of(groups, self.truth == class_index)
            )
            for class_index, name in enumerate(self.predictions.classes)
        }
        overall = {name: none_if_nan(points[f"overall {name}"]) for name in OVERALL_METRICS}
        return Evaluation(
            cases=self.cases,
            **overall,  # type: ignore[arg-type]
            per_class=per_class,
            counts=counts,
            notes=(*_notes(per_class, self.predictions), *withheld_notes(given)),
            groups=_count_of(groups, np.ones(self.cases, dtype=bool)),
            group_word="patients" if method == "bootstrap" else method,
            intervals=given.overall.intervals,
            withheld=given.overall.withheld,
        )


def _count_of(groups: Indices | None, cases: Flags) -> int | None:
    """Return the number of groups of ``cases`` (n,), None where nobody has several."""
    return None if groups is None else len(np.unique(groups[cases]))


def _within_top(probabilities: Floats | None, truth: Indices) -> Floats | None:
    """Tell of each case whether its class is among the most probable, a tie to its disadvantage; 1.0 or 0.0."""
    if probabilities is None or probabilities.shape[1] <= TOP:
        return None
    own = probabilities[np.arange(len(truth)), truth]
    return np.asarray((probabilities >= own[:, np.newaxis]).sum(axis=1) <= TOP, dtype=np.float64)


def _of_class(class_index: int, counts: Counts, points: Replicates, given: Given, groups: int | None) -> ClassMetrics:
    support, predicted = int(counts[class_index].sum()), int(counts[:, class_index].sum())
    metrics = {name: none_if_nan(points[name][class_index]) for name in CLASS_METRICS}
    return ClassMetrics(
        support, predicted, **metrics, intervals=given.intervals, withheld=given.withheld, groups=groups
    )


def none_if_nan(value: Any) -> float | None:
    """Return a metric as a float, None for the NaN of one that is undefined."""
    return None if np.isnan(value) else float(value)


def with_width(intervals: Intervals, metrics: dict[str, float | None]) -> Intervals:
    """Leave out the intervals of metrics that are undefined, and those without width.

    Where nothing of a few was right, no draw differs; that does not make it sure.
    """
    return {
        name: interval
        for name, interval in intervals.items()
        if metrics[name] is not None and interval.low < interval.high
    }


def _notes(per_class: dict[str, ClassMetrics], predictions: Predictions) -> list[str]:
    notes = []
    for class_index, (name, metrics) in enumerate(per_class.items()):
        if not metrics.support:
            notes.append(f"No test photograph of '{name}': its sensitivity is unknown.")
        if not metrics.predicted:
            notes.append(f"'{name}' was never predicted: its precision is unknown.")
        if metrics.specificity is None:
            notes.append(f"Every test photograph is of '{name}': its specificity is unknown.")
        if predictions.probabilities is not None and np.isnan(predictions.probabilities[:, class_index]).any():
            notes.append(f"No probabilities of '{name}': its AUC is unknown.")
    if (contradicting := _contradicting(predictions)) > 0:
        notes.append(
            f"In {contradicting} of {len(predictions.labels)} cases the prediction is not the most probable class: "
            "AUC, calibration and thresholds go by the probabilities, all else by the predictions."
        )
    if predictions.probabilities is None:
        notes.append("The table has no probabilities: every AUC is unknown.")
    return notes


def _contradicting(predictions: Predictions) -> int:
    """Count the cases with a class more probable than that which is predicted."""
    probabilities = predictions.complete_probabilities
    if probabilities is None:
        return 0
    predicted = predictions.class_indices(predictions.predictions)
    return int((probabilities[np.arange(len(probabilities)), predicted] < probabilities.max(axis=1)).sum())
