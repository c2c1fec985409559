"""How often the intervals of one table hold the true value: those that derm prints, and plain ones beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.coverage.forms import Form, column
from benchmarks.coverage.populations import PHOTOGRAPHS, RARE, Population, class_names, large_table, population
from benchmarks.coverage.tallies import Tally, table_of
from benchmarks.report import Table
from derm_cli.console import progress
from derm_cli.evaluation.intervals.resampling import (
    Interval,
    Intervals,
    Replicates,
    Resampling,
    ResamplingMethod,
    metric_intervals,
    wilson_interval,
)
from derm_cli.evaluation.metrics.classification import ClassificationMeasure, Evaluation, evaluation_of
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.evaluation.predictions import Predictions

MEANS = {"balanced_accuracy": "sensitivity", "macro_f1": "f1", "auc": "auc"}
CLASS_ROWS = ("sensitivity", "precision", "npv", "f1", "auc", "average_precision", "specificity")
PLAIN_DRAWS = 400
"""Draws of the plain bootstrap: enough for its coverage, and few enough to wait for."""
SAMENESS = (0.0, 0.5)

Printed = tuple[Mapping[str, Intervals], Intervals]
"""The intervals of each class, by its name, and those over all classes."""
IntervalsOf = Callable[[Predictions, Evaluation], Printed]


def interval_tables(form: Form) -> Iterator[Table]:
    """Yield a table a number of classes: the coverage of each interval that derm prints."""
    yield from _tables(form, _printed, "Coverage of the intervals that derm prints, in %")


def plain_tables(form: Form) -> Iterator[Table]:
    """Yield the same of plain intervals: Wilson's by photograph, the bootstrap's percentiles by patient."""
    yield from _tables(form, plain_intervals, "Coverage of plain intervals (Wilson, percentiles by patient), in %")


def _tables(form: Form, intervals_of: Callable[[Predictions, Evaluation], Printed], title: str) -> Iterator[Table]:
    for classes in form.classes:
        tallies: dict[str, dict[str, Tally]] = {}
        for most in form.most:
            for sameness in SAMENESS[: 1 if most == 1 else None]:
                drawn = population(classes, most, sameness=sameness)
                for name, tally in coverage(drawn, form.sets, form.seed, intervals_of).items():
                    tallies.setdefault(name, {})[column(most, sameness)] = tally
        yield table_of(f"{title}; {classes} classes, {form.sets} data sets a cell", "", tallies)


def coverage(drawn: Population, sets: int, seed: int, intervals_of: IntervalsOf | None = None) -> dict[str, Tally]:
    """Return how often the intervals of so many tables of a population hold, by metric and size of the class."""
    tallies: dict[str, Tally] = {}
    truth, generator = true_values(drawn), np.random.default_rng(seed)
    for _ in progress(range(sets), "Simulating tables", total=sets, delay=5):
        table = drawn.draw(generator).predictions()
        evaluation = evaluation_of(table, draws=1)
        of_classes, overall = (intervals_of or _printed)(table, evaluation)
        for metric in CLASS_ROWS:
            for index, (name, of_class) in enumerate(evaluation.per_class.items()):
                if getattr(of_class, metric) is not None:
                    held = _holds(of_classes[name].get(metric), truth.by_class[metric][index])
                    tallies.setdefault(_row(drawn, metric, index), Tally()).count(held)
        for metric, value in truth.overall(evaluation).items():
            tallies.setdefault(OVERALL_METRICS[metric].title, Tally()).count(_holds(overall.get(metric), value))
    return tallies


def _holds(interval: Interval | None, value: float) -> bool | None:
    return None if interval is None else interval.low <= value <= interval.high


def _row(drawn: Population, metric: str, class_index: int) -> str:
    title = CLASS_METRICS[metric].title
    if metric in ("specificity", "npv"):
        return title
    if class_index >= len(RARE[len(drawn.shares)]):
        return f"{title}, other classes"
    return f"{title}, {round(drawn.shares[class_index] * PHOTOGRAPHS[drawn.most])} cases expected"


def _printed(table: Predictions, evaluation: Evaluation) -> Printed:  # noqa: ARG001
    return {name: each.intervals for name, each in evaluation.per_class.items()}, evaluation.intervals


def plain_intervals(table: Predictions, evaluation: Evaluation) -> Printed:
    """Return Wilson's intervals of shares where nobody repeats, and percentiles of the bootstrap of all else."""
    resampling = Resampling(table.patients, PLAIN_DRAWS)
    measure = ClassificationMeasure(table)
    draws, by_class = resampling.map(measure.metrics), {}
    for index, (name, each) in enumerate(evaluation.per_class.items()):
        hits, others = int(evaluation.counts[index, index]), evaluation.cases - each.support
        shares = {
            "sensitivity": (hits, each.support),
            "specificity": (others - each.predicted + hits, others),
            "precision": (hits, each.predicted),
            "npv": (others - each.predicted + hits, evaluation.cases - each.predicted),
        }
        own = {metric: draws[metric][:, index] for metric in CLASS_ROWS}
        by_class[name] = _plain(own, resampling.method, shares)
    overall = {metric: draws[f"overall {metric}"] for metric in OVERALL_METRICS}
    accuracy = {"accuracy": (round(evaluation.accuracy * evaluation.cases), evaluation.cases)}
    return by_class, _plain(overall, resampling.method, accuracy)


def _plain(draws: Replicates, method: ResamplingMethod, shares: Mapping[str, tuple[int, int]]) -> Intervals:
    """Return the percentiles of each metric's draws, but Wilson's of shares unless these differ by patient."""
    found = metric_intervals(draws, method)
    for metric, (hits, cases) in shares.items():
        by_patient = found.get(metric) if method != "bootstrap" else None
        wilson = wilson_interval(hits, cases)
        if wilson is not None and (by_patient is None or by_patient.low == by_patient.high):
            found[metric] = wilson
    return found


@dataclass(frozen=True)
class Truth:
    """The metrics of a population: of each class, (classes,), and those that are no means over the classes."""

    by_class: Mapping[str, tuple[float, ...]]
    others: Mapping[str, float]

    def overall(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the true values over all classes: means are over the classes that the table has."""
        means = {}
        for metric, of_class in MEANS.items():
            has = [getattr(each, of_class) is not None for each in evaluation.per_class.values()]
            means[metric] = float(np.mean(np.array(self.by_class[of_class])[has]))
        return means | dict(self.others)


def true_values(drawn: Population) -> Truth:
    """Return the metrics of a population, those of a very large table of independent photographs."""
    return _true_values(drawn.independent)


@cache
def _true_values(drawn: Population) -> Truth:
    evaluation = evaluation_of(large_table(drawn).predictions(), draws=0)
    classes = [evaluation.per_class[name] for name in class_names(len(drawn.shares))]
    by_class = {metric: tuple(float(getattr(each, metric)) for each in classes) for metric in CLASS_ROWS}
    others = {name: getattr(evaluation, name) for name in OVERALL_METRICS if name not in MEANS}
    return Truth(by_class, {name: float(value) for name, value in others.items() if value is not None})
