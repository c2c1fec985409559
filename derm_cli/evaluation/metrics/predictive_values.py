"""PPV and NPV where a class is more or less common than among the test cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derm_cli.evaluation.metrics.classification import ClassMetrics, Evaluation
from derm_cli.evaluation.metrics.operating_points import OperatingPoint
from derm_cli.evaluation.metrics.triage import Triage
from derm_cli.evaluation.resampling import Interval, Intervals, intervals_json
from derm_cli.taxonomy import MALIGNANT


@dataclass(frozen=True)
class PredictiveValue:
    """PPV and NPV of ``name`` at a ``prevalence``, in 0..1, from its sensitivity and specificity (Bayes' theorem).

    ``name`` is a class, said where it is the most probable one, or ``malignant``, against benign; then ``target`` is
    the sensitivity that the rule was chosen for on the validation part, None where the most probable class is taken at
    its word.  ``ppv`` and ``npv`` are None where undefined; ``intervals`` are those of both, 95 %.
    """

    name: str
    target: float | None
    prevalence: float
    sensitivity: float | None
    specificity: float | None
    ppv: float | None
    npv: float | None
    intervals: Intervals = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        return {**vars(self), "intervals": intervals_json(self.intervals)}


@dataclass(frozen=True)
class PredictiveValues:
    """The predictive values at the prevalences that were given, in their order."""

    values: tuple[PredictiveValue, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the values as JSON values."""
        return [each.to_json() for each in self.values]


def predictive_values(
    prevalences: Mapping[str, float], evaluation: Evaluation, triage: Triage | None
) -> PredictiveValues:
    """Return PPV and NPV of each class, or of ``malignant`` by each rule of triage, at its prevalence."""
    return PredictiveValues(tuple(_values(prevalences, evaluation, triage)))


def _values(
    prevalences: Mapping[str, float], evaluation: Evaluation, triage: Triage | None
) -> Iterator[PredictiveValue]:
    for name, prevalence in prevalences.items():
        if name in evaluation.per_class:
            yield _at(name, None, prevalence, evaluation.per_class[name])
        elif name == MALIGNANT and triage and triage.without_indeterminate:
            binary = triage.without_indeterminate
            for point in (binary.as_said, *binary.points):
                yield _at(name, point.target, prevalence, point)


def _at(name: str, target: float | None, prevalence: float, metrics: ClassMetrics | OperatingPoint) -> PredictiveValue:
    sensitivity, specificity, intervals = metrics.sensitivity, metrics.specificity, metrics.intervals
    if sensitivity is None or specificity is None:
        return PredictiveValue(name, target, prevalence, sensitivity, specificity, None, None)
    odds = prevalence / (1 - prevalence)
    ends = [_ends(intervals.get(each)) for each in ("sensitivity", "specificity")]
    missed, unneeded = 1 - sensitivity, 1 - specificity
    found: Intervals = {}
    if ends[0] and ends[1]:
        method = intervals["sensitivity"].method
        positive = ratio_interval((sensitivity, *ends[0]), (unneeded, 1 - ends[1][1], 1 - ends[1][0]))
        negative = ratio_interval((specificity, *ends[1]), (missed, 1 - ends[0][1], 1 - ends[0][0]))
        for which, (low, high), prior in (("ppv", positive, odds), ("npv", negative, 1 / odds)):
            found[which] = Interval(_share(low * prior), _share(high * prior), method)
    ppv, npv = _bayes(sensitivity, unneeded, odds), _bayes(specificity, missed, 1 / odds)
    intervals = {which: each for which, each in found.items() if {"ppv": ppv, "npv": npv}[which] is not None}
    return PredictiveValue(name, target, prevalence, sensitivity, specificity, ppv, npv, intervals)


def _ends(interval: Interval | None) -> tuple[float, float] | None:
    return None if interval is None else (interval.low, interval.high)


def _bayes(right: float, wrong: float, odds: float) -> float | None:
    """Return the share of right answers among those given, None where none is given."""
    return right * odds / (right * odds + wrong) if right or wrong else None


def _share(odds: float) -> float:
    return 1.0 if np.isinf(odds) else float(odds / (1 + odds))


def ratio_interval(above: tuple[float, float, float], below: tuple[float, float, float]) -> tuple[float, float]:
    """Return the interval of a ratio of two independent shares, each given as value, low and high end, from theirs.

    By MOVER-R (Newcombe, Statistical Methods in Medical Research 2016): where a share is 0 or 1 its own interval still
    has a width, and so has the ratio's.  The high end may be infinite.
    """
    (top, top_low, top_high), (bottom, bottom_low, bottom_high) = above, below
    product = top * bottom

    def parts(of_top: float, of_bottom: float) -> tuple[float, float, float]:
        left, right = of_top * (2 * top - of_top), of_bottom * (2 * bottom - of_bottom)
        return left, right, product + float(np.sqrt(max(0.0, product**2 - left * right)))

    # The low end multiplied out, so that nothing is divided by what may be 0.
    left, _, root = parts(top_low, bottom_high)
    low = max(0.0, left / root) if root > 0 else 0.0
    _, right, root = parts(top_high, bottom_low)
    return low, root / right if right > 0 else np.inf
