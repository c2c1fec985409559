"""The gap between a subgroup and all other cases, within the classes that both have, and what chance alone gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.intervals.fewest import FEWEST
from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.intervals.score_intervals import design_effect_of


@dataclass(frozen=True)
class Gap:
    """By how much more of its cases a subgroup has right than all others: the mean over ``classes`` of the differences.

    ``variance`` and ``skewness`` are those of a gap that is chance alone; ``column`` is what each patient adds to it,
    (patients,).
    """

    value: float
    classes: int
    variance: float
    skewness: float
    column: Floats

    def interval(self, alpha: float) -> Interval:
        """Return the score interval of the gap, which misses it with a probability of ``alpha``.

        Right answers of few cases are no normal number: their quantiles are those of the gamma distribution with the
        same skewness (Pearson's type III).
        """
        from scipy.stats import pearson3

        low, high = pearson3.ppf([alpha / 2, 1 - alpha / 2], self.skewness) * np.sqrt(self.variance)
        return Interval(max(-1.0, float(self.value - high)), min(1.0, float(self.value - low)), "score")


def gap_of(inside: Flags, truth: Indices, correct: Flags, patients: Indices, classes: int) -> Gap | None:
    """Return the gap of the cases that are ``inside``, all (n,) but ``classes``, which counts the classes.

    It compares within each class of which both sides have :data:`.fewest.FEWEST` patients, so that a
    subgroup of other diagnoses is not held against these; None where there is no such class.
    """
    sides = inside.astype(np.intp)
    cells = truth * 2 + sides
    sizes = np.bincount(cells, minlength=2 * classes).reshape(classes, 2)
    right = np.bincount(cells, weights=correct, minlength=2 * classes).reshape(classes, 2)
    of_patients = np.unique(patients * (2 * classes) + cells) % (2 * classes)
    counted = np.bincount(of_patients, minlength=2 * classes).reshape(classes, 2)
    shared = (counted >= FEWEST).all(axis=1)
    count = int(shared.sum())
    if not count:
        return None
    shares = right[shared] / sizes[shared]
    value = float((shares[:, 1] - shares[:, 0]).mean())
    # Where the gap is chance, both sides have one share of right answers; half a case keeps it off 0 and 1.
    common = np.full(classes, 0.5)
    common[shared] = (right[shared].sum(axis=1) + 0.5) / (sizes[shared].sum(axis=1) + 1)
    weights = np.zeros((classes, 2))
    weights[shared] = np.array([-1.0, 1.0]) / (sizes[shared] * count)
    of_cases = weights.reshape(-1)[cells]
    added = of_cases * (correct - common[truth])
    column = np.asarray(np.bincount(patients, weights=added), dtype=np.float64)
    spread = common * (1 - common)
    variance = float(((weights**2 * sizes).sum(axis=1) * spread).sum())
    third = float(((weights**3 * sizes).sum(axis=1) * spread * (1 - 2 * common)).sum())
    own_sizes = np.asarray(np.bincount(patients, weights=of_cases != 0), dtype=np.float64)
    own = float((column**2).sum() / (added**2).sum())
    deff = design_effect_of(own, int(np.count_nonzero(own_sizes)), own_sizes)
    return Gap(value, count, variance * deff, third / variance**1.5 * np.sqrt(deff), column)
