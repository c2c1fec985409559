"""Intervals of a difference from the intervals of what it is a difference of: MOVER, the method of variance recovery.

Where hardly any answer is wrong, patients do not yet show how far apart two classifiers might be; the score interval of
each by itself does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.intervals.influence import Influence
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
        patients = 1 / float((influence.shares**2).sum())
        if name == "auc":
            return cls(name, influence.value, patients, influence.others)
        share, slope = (influence.value, 1.0) if name != "f1" else _jaccard(influence.value)
        variance, spread = slope**2 * float((influence.influence**2).sum()), share * (1 - share)
        # Where few patients are wrong, or few right, they do not tell how alike a patient's cases are: as if all were.
        few = min(int((sign * influence.influence > 1e-15).sum()) for sign in (-1, 1)) if spread else 0
        own = variance / spread if spread else 0.0
        return cls(name, influence.value, (few + 1) / (few * own + 1 / patients))

    def distances(self, alpha: float) -> Distances:
        """Return how far the ends of the interval are that misses with a probability of ``alpha``.

        A share has Wilson's, F1 that of the Jaccard index, which is a share too, and the AUC Newcombe's (Statistics in
        Medicine 2006, method 5).
        """
        if self.name == "auc":
            low, high = _newcombe(self.value, self.cases, self.others, alpha)
        else:
            share = self.value if self.name != "f1" else _jaccard(self.value)[0]
            found = wilson_interval(share * self.cases, self.cases, 1 - alpha)
            assert found is not None
            low, high = found.low, found.high
            if self.name == "f1":
                low, high = (2 * each / (1 + each) for each in (low, high))
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


def _jaccard(f1: float) -> tuple[float, float]:
    """Return the Jaccard index of an F1, true positives over all that are or were said to be, and its slope."""
    return f1 / (2 - f1), 2 / (2 - f1) ** 2


def _newcombe(auc: float, cases: float, others: float, alpha: float) -> tuple[float, float]:
    from scipy.optimize import brentq
    from scipy.stats import norm

    z, mean = float(norm.ppf(1 - alpha / 2)), (cases + others) / 2

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
