"""How often classifiers that are equally good are called different, and how often one that is better is found.

"Before" is what is usual: McNemar's test by photograph, and for each difference by itself the percentile interval of
the paired bootstrap.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.stats import binomtest

from benchmarks.coverage.populations import Population, Table, large_table
from derm_cli.evaluation.array_types import Floats, Weights
from derm_cli.evaluation.metrics.classification import ClassificationMeasure
from derm_cli.evaluation.metrics.paired import PairedComparison, paired_comparisons
from derm_cli.evaluation.metrics.paired_metrics import OF_CLASS, paired_metrics
from derm_cli.evaluation.metrics.simultaneous import holm_adjusted
from derm_cli.evaluation.resampling import Interval, Replicates, Resampling, percentile_interval

OTHERS = 3
"""Classifiers that are compared with the first."""
LEVEL = 0.05
Alarms = dict[str, bool]
"""Whether each kind of comparison calls a difference of one data set no chance."""


def comparison_alarms(population: Population, generator: np.random.Generator, gain: float = 0.0) -> Alarms:
    """Return what derm calls a difference between a first classifier and three others, of one table.

    All are equally good but for ``gain``, which the second has ahead in the logit of the true class.
    """
    table = with_gain(population.draw(generator, 1 + OTHERS), gain)
    first, *others = (table.predictions(number) for number in range(1 + OTHERS))
    found = paired_comparisons(first, {str(number): each for number, each in enumerate(others)}, "first")
    compared, rarest = found["0"], first.classes[int(np.argmin(population.shares))]
    return {
        "one test": compared.p_value <= LEVEL,
        "any of three, Holm": min(holm_adjusted([each.p_value for each in found.values()])) <= LEVEL,
        "AUC of the rarest class": _off_zero(compared.per_class[rarest][-1].interval),
        "any interval by class": any(map(_off_zero, _of_classes(compared))),
        "any overall interval": any(_off_zero(each.interval) for pair in found.values() for each in pair.overall),
    }


def comparison_misses(population: Population, generator: np.random.Generator, gain: float) -> Alarms:
    """Return whether an interval of a whole printed table misses the true difference, which ``gain`` makes."""
    truth = _true_differences(population, gain)
    table = with_gain(population.draw(generator, 2), gain)
    first, second = table.predictions(0), table.predictions(1)
    compared = paired_comparisons(first, {"second": second}, "first")["second"]
    by_class = [
        _misses(each.interval, truth[label, each.name])
        for label, differences in compared.per_class.items()
        for each in differences
    ]
    return {
        "any interval by class": any(by_class),
        "any overall interval": any(_misses(each.interval, truth["", each.name]) for each in compared.overall),
    }


def usual_alarms(population: Population, generator: np.random.Generator, draws: int = 300) -> Alarms:
    """Return the same of the usual test and intervals, which count photographs or take each difference by itself."""
    table = population.draw(generator, 1 + OTHERS)
    tables = [table.predictions(number) for number in range(1 + OTHERS)]
    right = [each.predictions == each.labels for each in tables]
    counts = [(int((right[0] & ~each).sum()), int((each & ~right[0]).sum())) for each in right[1:]]
    p_values = [float(binomtest(more, more + less).pvalue) if more + less else 1.0 for more, less in counts]
    first, second = (ClassificationMeasure(each) for each in tables[:2])

    def differences(weights: Weights) -> Replicates:
        own, other = first.metrics(weights), second.metrics(weights)
        return {name: other[name] - own[name] for name in OF_CLASS}

    found = Resampling(tables[0].patients, draws).map(differences)
    intervals = {name: [_percentile(each) for each in values.T] for name, values in found.items()}
    return {
        "one test": p_values[0] <= LEVEL,
        "any of three, Holm": min(holm_adjusted(p_values)) <= LEVEL,
        "AUC of the rarest class": _off_zero(intervals["auc"][int(np.argmin(population.shares))]),
        "any interval by class": any(_off_zero(each) for row in intervals.values() for each in row),
    }


def with_gain(table: Table, gain: float) -> Table:
    """Return a table whose second classifier is ahead of itself by ``gain`` in the logit of the true class."""
    first, second, *others = table.probabilities
    powers = second.copy()
    powers[np.arange(len(powers)), table.labels] *= np.exp(gain)
    return replace(table, probabilities=(first, powers / powers.sum(axis=1, keepdims=True), *others))


@cache
def _true_differences(population: Population, gain: float) -> dict[tuple[str, str], float]:
    """Return those of a table so large that it stands for the population, by class, '' for all, and by metric."""
    table = with_gain(large_table(population, 2), gain)
    first, second = table.predictions(0), table.predictions(1)
    overall, per_class = paired_metrics(first, second)
    rows = [("", list(overall.values())), *zip(first.classes, per_class, strict=True)]
    return {(label, each.name): each.second - each.first for label, metrics in rows for each in metrics}


def _misses(interval: Interval | None, truth: float) -> bool:
    return interval is not None and not interval.low <= truth <= interval.high


def _of_classes(compared: PairedComparison) -> list[Interval | None]:
    return [each.interval for differences in compared.per_class.values() for each in differences]


def _percentile(values: Floats) -> Interval | None:
    return percentile_interval(values, "bootstrap")


def _off_zero(interval: Interval | None) -> bool:
    return _misses(interval, 0.0)
