"""Score intervals with effective cases: cases of few patients tell less than as many of different ones.

A design effect (Kish, Survey Sampling 1965, section 5.4) tells how many cases stand for one: the variance between
patients over that of independent cases.  Estimated from few patients it is poor, so it is drawn to what patients whose
photographs resemble each other would give, the more the fewer there are.  The effective cases that remain stand in
Wilson's score interval (Korn and Graubard, Survey Methodology 1998, for the exact one; Dean and Pagano, Stat. Med.
2015, for this), with a quantile of t in the place of the normal one.  Its degrees of freedom are fewer where most of
the variance comes from few patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.intervals.fewest import FEWEST, FEWEST_OF_A_MIX
from derm_cli.evaluation.intervals.resampling import LEVEL, Interval, Intervals, wilson_interval

RESEMBLANCE = 0.25
"""The intraclass correlation of the cases of a patient that is taken for granted before any is seen."""
WEIGHT = 2.0
"""How many patients that assumption weighs where a share is estimated."""


@dataclass(frozen=True)
class Sample:
    """The cases that a metric is a mean of: how many, of how many groups, and how many equal groups these come to.

    ``equal`` is (Σ m)² / Σ m² of the groups' cases m (Kish 1965): a group with nearly all cases stands nearly alone.
    """

    cases: float
    groups: int
    equal: float

    @classmethod
    def of(cls, sizes: Floats) -> Sample:
        """Return that of groups with ``sizes`` cases each, (groups,), zeros among them."""
        cases, squares = float(sizes.sum()), float((sizes * sizes).sum())
        return cls(cases, int(np.count_nonzero(sizes)), cases * cases / squares if cases else 0.0)

    @classmethod
    def of_cases(cls, groups: Indices) -> Sample:
        """Return that of cases, of each of which ``groups`` (n,) has the number of its group, from 0."""
        return cls.of(np.bincount(groups).astype(np.float64))

    @property
    def independent(self) -> bool:
        """Whether every case is of a group of its own."""
        return self.groups == self.cases

    @property
    def assumed_design(self) -> float:
        """The design effect of cases that resemble each other as is assumed."""
        return 1 + (self.cases / self.equal - 1) * RESEMBLANCE

    def typical(self, cases: float) -> float:
        """Return how many patients so many of these cases are, if each has the cases of a typical one.

        Where patients have one class each, a table with few typical patients of a class has the class by chance.
        """
        return cases * self.equal / self.cases

    def mixed_too_little(self, cases: float, word: str, of: str = "", fewest: int = FEWEST_OF_A_MIX) -> str | None:
        """Return why so many ``cases`` among these do not tell how frequent they are, as :meth:`too_few`.

        None where there is none: a table of one class is meant to be that.
        """
        typical = int(self.typical(cases) + 0.5)
        if self.independent or not cases or typical >= fewest:
            return None
        return f"{counted(round(cases), 'cases')}{of}, as {counted(typical, word)} would have: too few for an interval"

    def side_mixed_too_little(
        self, cases: float, word: str, of: tuple[str, str], fewest: int = FEWEST_OF_A_MIX
    ) -> str | None:
        """Return why so many ``cases``, or all others, are too few, as :meth:`mixed_too_little`; ``of`` names both."""
        sides = zip((cases, self.cases - cases), of, strict=True)
        told = (self.mixed_too_little(each, word, what, fewest) for each, what in sides)
        return next((why for why in told if why), None)

    def too_few(self, word: str, of: str = "") -> str | None:
        """Return why these are too few for an interval, in a few words, None where they are enough.

        ``word`` is what groups are called: patients, or cases where nobody repeats; ``of`` follows it.
        """
        equal = int(self.equal + 0.5)
        if min(self.groups, equal) >= FEWEST:
            return None
        unequal = "" if self.groups < FEWEST else f", with so unequal numbers of cases that they count as {equal}"
        return f"{counted(self.groups, word)}{of}{unequal}: too few for an interval"


class Influenced(Protocol):
    """A metric with the influence of each patient, (patients,): :mod:`derm_cli.evaluation.intervals.influence`."""

    @property
    def value(self) -> float:
        """The metric itself."""

    @property
    def influence(self) -> Floats:
        """By how much it changes with the weight of each patient."""

    @property
    def shares(self) -> Floats:
        """The part that each patient has of the cases which it is a mean of."""


@dataclass(frozen=True)
class Estimate:
    """A metric with the sum of the squares of the patients' influences on it: its variance (Binder, 1983).

    D. A. Binder, On the variances of asymptotically normal estimators from complex surveys, Int. Stat. Rev. 51.

    ``fourth`` is the sum of their fourth powers.  ``bias`` is by how much a ratio is too large on average, which has
    to do with the number of cases that a patient has: to the second order the sum of influences times shares, negative
    (Cochran, Sampling Techniques 1977, section 6.8).
    """

    value: float
    squares: float
    fourth: float = 0.0
    bias: float = 0.0

    @classmethod
    def of(cls, metric: Influenced) -> Estimate:
        """Return the metric with the sums of its influences."""
        squares = metric.influence * metric.influence
        bias = -float(metric.influence @ metric.shares)
        return cls(metric.value, float(squares.sum()), float(squares @ squares), bias)

    @classmethod
    def of_share(cls, hits: Floats, cases: Floats) -> Estimate:
        """Return the share that ``hits`` are of ``cases``, of each patient, (patients,), as any mean of sums."""
        value, shares = float(hits.sum() / cases.sum()), cases / cases.sum()
        influence = (hits - cases * value) / cases.sum()
        squares = influence * influence
        return cls(value, float(squares.sum()), float(squares @ squares), -float(influence @ shares))

    def variance(self, equal: float) -> float:
        """Return its variance as ``equal`` patients show it, unbiased for few."""
        return self.squares * (equal / (equal - 1) if equal >= 2 else 1.0)


@dataclass(frozen=True)
class Drawn:
    """A variance, or a design effect, that is seen and was drawn to one that is assumed.

    ``seen`` is the part of ``value`` that is seen, 0..1; so many ``patients`` stand behind it, those of the assumption
    among them.
    """

    value: float
    seen: float
    patients: float

    def freedom(self, metric: Estimate) -> float:
        """Return the degrees of freedom of a variance: as of patients, or fewer where few have most of the influence.

        By the variance of the seen part, which the influences' kurtosis gives (Satterthwaite, Biometrics Bulletin
        1946; O'Neill, The American Statistician 2014, for any distribution).
        """
        if not metric.squares:
            return self.patients - 1
        relative = self.seen**2 * (metric.fourth / metric.squares**2 - 1 / self.patients)
        return min(self.patients - 1, max(2 / relative, 1.0)) if relative > 0 else self.patients - 1


def share_interval(share: Estimate, sample: Sample) -> Interval:
    """Return the 95 % interval of a share of cases, in 0..1: Wilson's where nobody repeats."""
    if sample.independent:
        interval = wilson_interval(share.value * sample.cases, sample.cases)
        assert interval is not None
        return interval
    design = design_effect(share, sample)
    return score_interval(share.value, sample.cases / design.value, design.freedom(share))


def design_effect(share: Estimate, sample: Sample) -> Drawn:
    """Return the design effect of a share, from 1 to that of groups whose cases are all alike.

    The last where all cases are hits, or none: whether the cases of a patient differ cannot be seen then, and the
    number of equal groups stands as that of the cases.
    """
    if sample.independent:
        return Drawn(1.0, 0.0, sample.equal)
    largest, binomial = sample.cases / sample.equal, share.value * (1 - share.value) / sample.cases
    if not binomial:
        return Drawn(largest, 0.0, sample.equal)
    seen = min(max(share.variance(sample.equal) / binomial, 1.0), largest)
    return drawn_to(sample.assumed_design, seen, WEIGHT, sample.equal)


def drawn_to(assumed: float, seen: float, weight: float, equal: float) -> Drawn:
    """Return what is ``seen`` in ``equal`` patients, drawn to what is ``assumed`` as if by ``weight`` more.

    Fewer than two show nothing of how patients differ.
    """
    if equal < 2:
        return Drawn(assumed, 0.0, weight + equal)
    total = weight * assumed + equal * seen
    return Drawn(total / (weight + equal), equal * seen / total if total else 0.0, weight + equal)


def score_interval(value: float, effective: float, freedom: float | None = None) -> Interval:
    """Return Wilson's score interval of ``value`` in 0..1 of so many ``effective`` cases, 95 %.

    The quantile is Student's, of ``freedom`` degrees where they are given and fewer than the effective cases less one.
    """
    from scipy.special import stdtrit

    degrees = effective - 1 if freedom is None else min(effective - 1, freedom)
    quantile = float(stdtrit(max(1.0, degrees), (1 + LEVEL) / 2))
    spread = quantile * quantile / effective
    middle = (value + spread / 2) / (1 + spread)
    half = quantile * np.sqrt(value * (1 - value) / effective + spread / (4 * effective)) / (1 + spread)
    # Rounding must not leave the value outside of its own interval.
    return Interval(min(value, max(0.0, float(middle - half))), max(value, min(1.0, float(middle + half))), "effective")


def interval_of_hits(hits: Flags, groups: Indices) -> Interval | None:
    """Return the 95 % interval of the share of cases that are ``hits``, (n,), None of too few.

    ``groups`` (n,) are the cases' patients as numbers from 0, not all of which need occur.
    """
    cases = np.bincount(groups).astype(np.float64) if len(groups) else np.zeros(1)
    sample = Sample.of(cases)
    if sample.too_few("cases"):
        return None
    found = np.bincount(groups, weights=hits, minlength=len(cases)).astype(np.float64)
    return share_interval(Estimate.of_share(found, cases), sample)


def intervals_of_hits(shares: Mapping[str, tuple[Flags, Flags]], groups: Indices) -> Intervals:
    """Return the intervals of shares by their names: of each the hits, and the cases that it is a share of, (n,)."""
    found = {name: interval_of_hits(hits[cases], groups[cases]) for name, (hits, cases) in shares.items()}
    return {name: interval for name, interval in found.items() if interval is not None}
