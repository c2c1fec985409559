"""Score intervals of paired differences: their ends are the differences that the patients just do not contradict."""

from __future__ import annotations

import numpy as np

from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.intervals.effective_cases import drawn_to
from derm_cli.evaluation.intervals.quantiles import normal_quantile, student_quantile
from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.intervals.sign_flips import Contributions, sign_flip_p

WIDEST = 1.0
"""The width above which the interval of a difference of shares says nothing: it is as wide as the shares' own scale."""


def score_interval(contributions: Contributions, alpha: float) -> Interval | None:
    """Return the interval of a difference that misses it with a probability of ``alpha``; None without a width.

    Its ends are the δ at which (difference - δ)² is z² times the sum of (d - aδ)² over patients: the score test of a
    mean, by the quantile of t with as many degrees of freedom as there are patients, counted by their shares.  It holds
    0 wherever the sign-flip test does not reject.
    """
    effective = 1 / contributions.share_squares
    if not contributions.squares or effective <= 2:
        return None
    quantile = student_quantile(1 - alpha / 2, effective - 1) ** 2
    z2 = quantile * effective / (effective - 1 + quantile)
    difference, cross = contributions.difference, contributions.cross
    leading = 1 - z2 * contributions.share_squares
    middle = (difference - z2 * cross) / leading
    half = np.sqrt(max(0.0, middle**2 - (difference**2 - z2 * contributions.squares) / leading))
    return _with_zero_where_chance(Interval(float(middle - half), float(middle + half), "score"), contributions, alpha)


def tango_interval(
    counts: tuple[float, float, float], deff: float, contributions: Contributions, alpha: float
) -> Interval:
    """Return the score interval of a difference of two paired proportions (Tango, Statistics in Medicine 1998).

    ``counts`` are the cases that the first alone, and the second alone, got right, and all cases.  Each is divided by
    the design effect ``deff``, so that several cases of a patient are as many as they are worth.  As
    :func:`score_interval`, it holds 0 wherever the sign-flip test does not reject.
    """
    from scipy.optimize import brentq

    z = normal_quantile(1 - alpha / 2)
    only_first, only_second, cases = (count / deff for count in counts)
    estimate = (only_second - only_first) / cases

    def excess(difference: float) -> float:
        return abs(_tango_statistic(only_first, only_second, cases, difference)) - z

    low = -1.0 if estimate <= -1 or excess(-1 + 1e-9) <= 0 else float(brentq(excess, -1 + 1e-9, estimate - 1e-12))
    high = 1.0 if estimate >= 1 or excess(1 - 1e-9) <= 0 else float(brentq(excess, estimate + 1e-12, 1 - 1e-9))
    return _with_zero_where_chance(Interval(low, high, "tango"), contributions, alpha)


def widened(interval: Interval, difference: float, distances: tuple[float, float]) -> Interval:
    """Return the interval, its ends at least at ``distances`` below and above the ``difference``, in -1..1."""
    low, high = min(interval.low, difference - distances[0]), max(interval.high, difference + distances[1])
    return Interval(max(-1.0, low), min(1.0, high), interval.method)


def design_effect(differences: Floats, sizes: Floats, discordant: int) -> float:
    """Return by how much the variance of a difference grows since patients have several cases; 1 or more.

    ``differences`` has for each patient the cases that the second alone got right less those of the first, ``sizes``
    the patient's cases, both (patients,); ``discordant`` cases differ in all.  One more patient who differs in all
    photographs is thought to be there: where hardly anybody differs, nobody knows how alike a patient's cases are.
    """
    own = float((differences**2).sum()) / discordant if discordant else 1.0
    return design_effect_of(own, int(np.count_nonzero(differences)), sizes)


def design_effect_of(own: float, patients: int, sizes: Floats) -> float:
    """Return the design effect ``own`` that so many ``patients`` show, drawn to that of one more; 1 or more.

    All photographs of the one more differ alike.  ``sizes`` (patients,) are the patients' cases, zeros among them.
    """
    size = float((sizes**2).sum() / sizes.sum())
    return max(1.0, drawn_to(size, own, 1.0, patients).value)


def _tango_statistic(only_first: float, only_second: float, cases: float, difference: float) -> float:
    """Return Tango's statistic: the estimate less ``difference``, over its standard error at that difference."""
    # The chance to be right alone, for the first: its most probable value where ``difference`` is true.
    quadratic = 2 * cases
    linear = -only_first - only_second + (2 * cases - only_second + only_first) * difference
    constant = -only_first * difference * (1 - difference)
    first_alone = (np.sqrt(max(0.0, linear**2 - 4 * quadratic * constant)) - linear) / (2 * quadratic)
    variance = cases * (2 * first_alone + difference * (1 - difference))
    return float((only_second - only_first - cases * difference) / np.sqrt(max(variance, 1e-300)))


def _with_zero_where_chance(interval: Interval, contributions: Contributions, alpha: float) -> Interval:
    """Return the interval, up to 0 where all signs of few patients' differences say chance."""
    low, high = interval.low, interval.high
    if (low > 0 or high < 0) and sign_flip_p(contributions) > alpha:
        low, high = min(low, 0.0), max(high, 0.0)
    return Interval(low, high, interval.method)
