"""Two classifiers on the same cases: their differences by the paired bootstrap, and McNemar's test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derm_cli.errors import DermError
from derm_cli.evaluation.array_types import Weights
from derm_cli.evaluation.metrics.classification import ClassificationMeasure, none_if_nan
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import (
    DRAWS,
    Interval,
    Replicates,
    Resampling,
    percentile_interval,
    point_estimates,
)

OVERALL = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "auc")
"""The metrics over all classes that are compared, by their names in :mod:`.metric_table`."""
OF_CLASS = ("sensitivity", "specificity", "precision", "f1", "auc")
"""Those of a class."""


@dataclass(frozen=True)
class MetricDifference:
    """A metric of two classifiers: ``difference`` is the second's less the first's, with its 95 % interval.

    ``interval`` is that of the paired bootstrap: both are judged on the same draws.
    """

    name: str
    first: float | None
    second: float | None
    difference: float | None
    interval: Interval | None

    def to_json(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        return {**vars(self), "interval": self.interval and self.interval.to_json()}


@dataclass(frozen=True)
class PairedComparison:
    """Two classifiers on the same cases.

    ``only_first`` and ``only_second`` are the cases that one alone got right; ``mcnemar`` is the p-value of McNemar's
    exact test on them (McNemar 1947; binomial, two-sided), 1 where there are none.
    """

    cases: int
    only_first: int
    only_second: int
    mcnemar: float
    overall: tuple[MetricDifference, ...]
    per_class: dict[str, tuple[MetricDifference, ...]]

    def to_json(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        return {
            **vars(self),
            "overall": [each.to_json() for each in self.overall],
            "per_class": {
                name: [each.to_json() for each in differences] for name, differences in self.per_class.items()
            },
        }


def paired_comparison(
    first: Predictions, second: Predictions, names: tuple[str, str], draws: int = DRAWS, seed: int = 0
) -> PairedComparison:
    """Compare two classifiers, case by case.

    Raises DermError where the classes or the cases differ, or a case's label does: metrics of other photographs cannot
    be compared.
    """
    second = _aligned(first, second, names)
    correct = [each.predictions == first.labels for each in (first, second)]
    only_first, only_second = int((correct[0] & ~correct[1]).sum()), int((correct[1] & ~correct[0]).sum())
    measures = [ClassificationMeasure(each) for each in (first, second)]

    def statistic(weights: Weights) -> Replicates:
        return {
            f"{classifier} {name}": values
            for classifier, measure in enumerate(measures)
            for name, values in measure.replicates(weights).items()
        }

    points, resampling = (
        point_estimates(statistic, len(first.labels)),
        Resampling(first.patients, draws, seed, first.group_word),
    )
    replicates = resampling.map(statistic)
    # An AUC needs the probabilities of both.
    ranked = first.probabilities is not None and second.probabilities is not None
    overall, of_class = ([name for name in names if ranked or name != "auc"] for names in (OVERALL, OF_CLASS))

    def difference(name: str, class_index: int | None = None) -> MetricDifference:
        index: Any = ... if class_index is None else (..., class_index)
        key = f"overall {name}" if class_index is None else name
        first_value, second_value = (float(points[f"{classifier} {key}"][index]) for classifier in (0, 1))
        differences = replicates[f"1 {key}"][index] - replicates[f"0 {key}"][index] if replicates else None
        interval = None if differences is None else percentile_interval(differences, resampling.method)
        return MetricDifference(
            name, none_if_nan(first_value), none_if_nan(second_value), none_if_nan(second_value - first_value), interval
        )

    return PairedComparison(
        len(first.labels),
        only_first,
        only_second,
        _mcnemar(only_first, only_second),
        tuple(difference(name) for name in overall),
        {
            label: tuple(difference(name, class_index) for name in of_class)
            for class_index, label in enumerate(first.classes)
        },
    )


def holm_adjusted(values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values that hold for all of several tests together (Holm, Scandinavian Journal of Statistics 1979)."""
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return tuple(adjusted)


def _aligned(first: Predictions, second: Predictions, names: tuple[str, str]) -> Predictions:
    """Return the second in the order of the first's cases."""
    first_cases, second_cases = set(first.case_ids), set(second.case_ids)
    if first_cases != second_cases:
        unpaired = sorted(first_cases - second_cases) or sorted(second_cases - first_cases)
        owner = names[0] if first_cases - second_cases else names[1]
        raise DermError(
            f"'{names[0]}' and '{names[1]}' were not judged on the same cases ('{unpaired[0]}' is one of "
            f"{len(unpaired)} that only '{owner}' has): compare what was judged on one test part."
        )
    if set(first.classes) != set(second.classes):
        unshared = sorted(set(first.classes) ^ set(second.classes))
        raise DermError(
            f"'{names[0]}' and '{names[1]}' have not the same classes ('{unshared[0]}' is of one alone): compare what "
            "has one target."
        )
    row_of = {case: row for row, case in enumerate(second.case_ids)}
    order = np.array([row_of[case] for case in first.case_ids], dtype=np.intp)
    labels = second.labels[order]
    if (mismatches := np.flatnonzero(labels != first.labels)).size:
        row = int(mismatches[0])
        raise DermError(
            f"Case '{first.case_ids[row]}' is '{first.labels[row]}' in '{names[0]}', but '{labels[row]}' in "
            f"'{names[1]}': compare tables with the same labels."
        )
    probabilities = second.probabilities
    if probabilities is not None:
        probabilities = probabilities[order][:, [second.classes.index(name) for name in first.classes]]
    return Predictions(first.classes, first.case_ids, labels, second.predictions[order], probabilities, first.metadata)


def _mcnemar(only_first: int, only_second: int) -> float:
    from scipy.stats import binomtest

    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
