"""The metrics of two classifiers on the same cases, patient by patient, and the intervals of their differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats
from derm_cli.evaluation.grouping import SINGULAR, counted
from derm_cli.evaluation.intervals.fewest import FEWEST
from derm_cli.evaluation.intervals.influence import Influence, MeanInfluence, PatientInfluences
from derm_cli.evaluation.intervals.mover import Distances, Single, correlation_of, difference_distances
from derm_cli.evaluation.intervals.resampling import LEVEL, Interval
from derm_cli.evaluation.intervals.score_intervals import (
    WIDEST,
    design_effect,
    score_interval,
    tango_interval,
    widened,
)
from derm_cli.evaluation.intervals.sign_flips import Contributions
from derm_cli.evaluation.intervals.simultaneous import MOST_CORRELATED, common_alpha
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.predictions import Predictions

UNBOUNDED = "log_loss"
"""The metric that is no share."""
OF_CLASS = ("sensitivity", "specificity", "precision", "f1", "auc")
"""The metrics of a class that are compared, by their names in :mod:`.metric_table`."""


@dataclass(frozen=True)
class MetricDifference:
    """A metric of two classifiers: ``difference`` is the second's less the first's, with its 95 % interval.

    The interval holds for all differences together that are shown in one table.  ``reason`` says why there is none,
    to stand behind a colon.
    """

    name: str
    first: float | None
    second: float | None
    difference: float | None
    interval: Interval | None
    reason: str | None = None

    @property
    def turned(self) -> MetricDifference:
        """The same difference as the first's less the second's."""
        gain = None if self.difference is None else -self.difference
        interval = self.interval and replace(self.interval, low=-self.interval.high, high=-self.interval.low)
        return replace(self, first=self.second, second=self.first, difference=gain, interval=interval)

    def to_json(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        return {**vars(self), "interval": self.interval and self.interval.to_json()}


@dataclass(frozen=True)
class Discordance:
    """The cases that count for a proportion: which the first and the second alone got right, and all of them.

    ``deff`` is the design effect (:func:`.score_intervals.design_effect`).
    """

    only_first: int
    only_second: int
    cases: int
    deff: float


@dataclass(frozen=True)
class PairedMetric:
    """A metric ``name`` of two classifiers, and what each patient adds to its difference.

    ``column`` has that of each patient, None where there are too many metrics to keep it; ``discordance`` is None for
    what is no proportion of the same cases.  ``singles`` are the metrics of both by themselves, ``correlation`` that of
    the two; ``parts`` the metrics of the classes, each with its weight, where it is a mean of these.
    """

    name: str
    first: float
    second: float
    contributions: Contributions
    column: Floats | None
    discordance: Discordance | None
    singles: tuple[Single, Single] | None = None
    correlation: float = 0.0
    parts: tuple[tuple[float, PairedMetric], ...] = ()

    def difference(self, alpha: float | None, word: str) -> MetricDifference:
        """Return the difference, with an interval that misses with probability ``alpha``; None leaves it out.

        ``word`` is what patients are called: cases, where each has one.
        """
        first, second, gain = map(none_if_nan, (self.first, self.second, self.second - self.first))
        if gain is None or alpha is None:
            return MetricDifference(self.name, first, second, gain, None)
        count, interval, reason = self.contributions.patients, None, None
        if count < FEWEST:
            reason = f"{counted(count, word)}, fewer than {FEWEST}"
        else:
            interval = self._interval(alpha)
            if interval is None:
                reason = f"no answer differs in any {SINGULAR[word]}"
            elif self.name != UNBOUNDED and interval.high - interval.low > WIDEST:
                interval, reason = None, f"{counted(count, word)}, too few to tell"
        return MetricDifference(self.name, first, second, gain, interval, reason)

    def _interval(self, alpha: float) -> Interval | None:
        if self.discordance is not None:
            each = self.discordance
            counts = (each.only_first, each.only_second, each.cases)
            return tango_interval(counts, each.deff, self.contributions, alpha)
        found = score_interval(self.contributions, alpha)
        if found is None or self.name == UNBOUNDED:
            return found
        return widened(found, self.second - self.first, self._distances(alpha))

    def _distances(self, alpha: float) -> Distances:
        """Return how far the difference's ends are at least, by what each classifier, or each class, does by itself."""
        if self.parts:
            of_parts = [(weight, each._distances(alpha)) for weight, each in self.parts]
            down, up = (sum((weight * each[end]) ** 2 for weight, each in of_parts) for end in (0, 1))
            return float(np.sqrt(down)), float(np.sqrt(up))
        if self.singles is None:
            return 0.0, 0.0
        return difference_distances(*self.singles, self.correlation, alpha)


def paired_metrics(
    first: Predictions, second: Predictions, of_first: PatientInfluences | None = None
) -> tuple[dict[str, PairedMetric], list[list[PairedMetric]]]:
    """Return the metrics over all classes by their names, and those of each class in the order of :data:`OF_CLASS`.

    Both tables have the same cases and classes, in one order.  AUC and log loss need the probabilities of both.
    ``of_first`` are the influences of the first, where they are known: they are the same whatever it is held against.
    """
    of_first = of_first or PatientInfluences(first, first.patients)
    classes, pair = len(first.classes), [of_first, PatientInfluences(second, of_first.patients)]
    truth, (said_first, said_second) = pair[0].truth, [each.predicted for each in pair]
    means, shifts = [_means(each.count) for each in pair], _means(pair[0].count)
    keeps = classes * len(OF_CLASS) <= MOST_CORRELATED
    per_class: list[list[PairedMetric]] = []
    for class_index in range(classes):
        is_class, row = truth == class_index, []
        weight = float(is_class.mean())
        right = [said == class_index for said in (said_first, said_second)]
        cases = {"sensitivity": (is_class, right), "specificity": (~is_class, [~each for each in right])}
        influences = [each.of_class(class_index) for each in pair]
        for name in (each for each in OF_CLASS if all(each in found for found in influences)):
            own, others = (found[name] for found in influences)
            shift = _shift(own, others)
            for sums, each in zip((*means, shifts), (own, others, shift), strict=True):
                if name in sums:
                    sums[name].add(each, weight)
            row.append(_paired(name, own, others, shift, cases.get(name), keeps=keeps))
        per_class.append(row)
    overall = [each.overall(sums) for each, sums in zip(pair, means, strict=True)]
    of_means = {
        "balanced_accuracy": shifts["sensitivity"].mean,
        "weighted_f1": shifts["f1"].weighted,
        "macro_f1": shifts["f1"].mean,
        "auc": shifts["auc"].mean,
    }
    everything = {"accuracy": (np.ones(len(truth), dtype=bool), [said_first == truth, said_second == truth])}
    both = {name: (each, overall[1][name]) for name, each in overall[0].items() if name in overall[1]}
    parts = _parts(per_class, [float((truth == class_index).mean()) for class_index in range(classes)])
    return {
        name: _paired(
            name,
            own,
            others,
            of_means.get(name, _shift(own, others)),
            everything.get(name),
            parts=parts.get(name, ()),
        )
        for name, (own, others) in both.items()
    }, per_class


def differences_together(
    metrics: Sequence[PairedMetric], word: str, *, intervals: bool = True
) -> list[MetricDifference]:
    """Return the difference of each metric; their intervals hold all of them together in 95 % of studies.

    ``word`` is what patients are called: cases, where each has one.
    """
    told = [each for each in metrics if each.contributions.patients >= FEWEST]
    alpha = common_alpha([each.column for each in told], 1 - LEVEL) if intervals else None
    return [each.difference(alpha, word) for each in metrics]


def _parts(
    per_class: Sequence[Sequence[PairedMetric]], weights: Sequence[float]
) -> dict[str, tuple[tuple[float, PairedMetric], ...]]:
    """Return the metrics of the classes that those over all classes are means of, each with its weight."""

    def of_classes(name: str) -> list[tuple[float, PairedMetric]]:
        rows = [(weight, each) for row, weight in zip(per_class, weights, strict=True) for each in row]
        return [(weight, each) for weight, each in rows if each.name == name and not np.isnan(each.second - each.first)]

    def equal(name: str) -> tuple[tuple[float, PairedMetric], ...]:
        found = of_classes(name)
        return tuple((1 / len(found), each) for _, each in found)

    return {
        "balanced_accuracy": equal("sensitivity"),
        "weighted_f1": tuple(of_classes("f1")),
        "macro_f1": equal("f1"),
        "auc": equal("auc"),
    }


def _means(patients: int) -> dict[str, MeanInfluence]:
    return {name: MeanInfluence(patients) for name in ("sensitivity", "f1", "auc")}


def _shift(first: Influence, second: Influence) -> Influence:
    """Return the difference of a metric, and which part of it each patient has: the influences leave it out."""
    shares, gain = (first.shares + second.shares) / 2, second.value - first.value
    return Influence(gain, shares * np.nan_to_num(gain), shares)


def _paired(
    name: str,
    first: Influence,
    second: Influence,
    shift: Influence,
    proportion: tuple[Flags, Sequence[Flags]] | None,
    *,
    keeps: bool = True,
    parts: tuple[tuple[float, PairedMetric], ...] = (),
) -> PairedMetric:
    """Pair two influences; ``proportion`` has the cases that count, and which of them either got right, both (n,).

    ``shift`` is the difference as each patient has it: of a mean over classes, each class has its own.  What is not in
    it, for a class that one alone predicts, is everybody's.
    """
    gain = second.value - first.value
    beside = np.nan_to_num(gain - shift.value)
    column = second.influence - first.influence + shift.influence + shift.shares * beside
    discordance = None
    if proportion is not None and proportion[0].any():
        counted, right = proportion
        only_first, only_second = (int((counted & each & ~other).sum()) for each, other in (right, right[::-1]))
        cases = int(counted.sum())
        deff = design_effect(column * cases, shift.shares * cases, only_first + only_second)
        discordance = Discordance(only_first, only_second, cases, deff)
    contributions = Contributions.of(column, shift.shares)
    own, other = (Single.of(name, each) for each in (first, second)) if not parts else (None, None)
    return PairedMetric(
        name,
        first.value,
        second.value,
        contributions,
        column if keeps else None,
        discordance,
        (own, other) if own and other else None,
        correlation_of(first, second),
        parts,
    )
