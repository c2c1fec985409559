"""Intervals of a difference from the intervals of what it is a difference of: MOVER, the method of variance recovery.

Where hardly any answer is wrong, patients do not yet show how far apart two classifiers might be; the score interval of
each by itself does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.intervals.effective_cases import Estimate, Sample, design_effect
from derm_cli.evaluation.intervals.influence import Influence
from derm_cli.evaluation.intervals.jaccard import f1_of, f1_slope, jaccard_of
from derm_cli.evaluation.intervals.quantiles import normal_quantile
from derm_cli.evaluation.intervals.resampling import wilson_interval

Distances = tuple[float, float]
"""From an estimate down to the lower end of its interval, and up to the upper one."""
PROPORTIONS = ("sensitivity", "specificity", "precision")


@dataclass(frozen=True)
class Single:
    """A metric of one classifier, and the independent cases that it is worth: for an AUC on either side."""

    name: str
    value: float
    cases: float
    others: float = np.nan

    @classmethod
    def of(cls, name: str, influence: Influence) -> Single | None:
        """Return a share, F1 or AUC; None for any other metric, or where it is undefined."""
        if np.isnan(influence.value) or name not in (*PROPORTIONS, "f1", "auc"):
            return None
        equal = 1 / float((influence.shares**2).sum())
        if name == "auc":
            return cls(name, influence.value, equal, influence.others)
        share, cases, estimate = influence.value, influence.cases, Estimate.of(influence)
        if name == "f1":
            share = jaccard_of(influence.value)
            # What the Jaccard index is a share of counts a true positive once, not twice.
            cases *= 1 - influence.value / 2
            estimate = Estimate(share, estimate.squares / f1_slope(share) ** 2)
        sample = Sample(round(cases), int(np.count_nonzero(influence.shares)), equal)
        return cls(name, influence.value, sample.cases / design_effect(estimate, sample).value)

    def distances(self, alpha: float) -> Distances:
        """Return how far the ends of the interval are that misses with a probability of ``alpha``.

        A share has Wilson's, F1 that of the Jaccard index, which is a share too, and the AUC Newcombe's (Statistics in
        Medicine 2006, method 5).
        """
        if self.name == "auc":
            low, high = _newcombe(self.value, self.cases, self.others, alpha)
        else:
            share = self.value if self.name != "f1" else jaccard_of(self.value)
            found = wilson_interval(share * self.cases, self.cases, 1 - alpha)
            assert found is not None
            low, high = found.low, found.high
            if self.name == "f1":
                low, high = f1_of(low), f1_of(high)
        return max(0.0, self.value - low), max(0.0, high - self.value)


def difference_distances(first: Single, second: Single, correlation: float, alpha: float) -> Distances:
    """Return the distances of ``second`` less ``first`` (Zou and Donner, Statistics in Medicine 2008).

    ``correlation`` is that of the two, of which less than none is not counted on.
    """
    of_first, of_second = first.distances(alpha), second.distances(alpha)
    common = 2 * max(0.0, correlation)
    down = of_second[0] ** 2 + of_first[1] ** 2 - common * of_second[0] * of_first[1]
    up = of_second[1] ** 2 + of_first[0] ** 2 - common * of_second[1] * of_first[0]
    return float(np.sqrt(max(0.0, down))), float(np.sqrt(max(0.0, up)))


def correlation_of(first: Influence, second: Influence) -> float:
    """Return the correlation of a metric of two classifiers on the same patients, 0 where one does not vary."""
    product = float((first.influence**2).sum() * (second.influence**2).sum())
    return float(first.influence @ second.influence) / np.sqrt(product) if product > 1e-24 else 0.0


def _newcombe(auc: float, cases: float, others: float, alpha: float) -> tuple[float, float]:
    from scipy.optimize import brentq

    z, mean = normal_quantile(1 - alpha / 2), (cases + others) / 2

    def excess(true: float) -> float:
        spread = 1 + (mean - 1) * ((1 - true) / (2 - true) + true / (1 + true))
        return (auc - true) ** 2 - z * z * true * (1 - true) * spread / (cases * others)

    low = 0.0 if auc <= 0 else float(brentq(excess, 0.0, auc)) if excess(auc) < 0 < excess(0.0) else auc
    high = 1.0 if auc >= 1 else float(brentq(excess, auc, 1.0)) if excess(auc) < 0 < excess(1.0) else auc
    if auc >= 1:
        low = float(brentq(excess, 0.0, 1 - 1e-9))
    if auc <= 0:
        high = float(brentq(excess, 1e-9, 1.0))
    return low, high
