"""Bootstrap draws of cases, by patient where there are patients, and the confidence intervals that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from derm_cli.console import progress
from derm_cli.cores import usable_cores
from derm_cli.errors import RequestError
from derm_cli.evaluation import MOST_DRAWS
from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.grouping import GroupWord
from derm_cli.evaluation.intervals.quantiles import normal_quantile, student_quantile

Replicates = dict[str, Floats]
"""The values of metrics, by name, in every bootstrap draw: (draws, …), NaN where a draw leaves one undefined."""
Statistic = Callable[[Weights], Replicates]
"""Computes metrics of every draw for weights (draws, n)."""
ResamplingMethod = Literal["bootstrap"] | GroupWord
"""``bootstrap`` draws cases, ``patients`` whole patients, and so ``lesions`` and ``groups``."""

LEVEL = 0.95
DRAWS = 2000
BLOCK = 4_000_000
"""How many weights a block of draws has at most, unless one draw has more: what a core's cache and memory can bear."""


def counted_word(method: ResamplingMethod) -> str:
    """Return what draws are made of: patients, or what else groups are called, and cases where nobody has several."""
    return "cases" if method == "bootstrap" else method


@dataclass(frozen=True)
class Interval:
    """A confidence interval, ``low`` and ``high`` in the unit of its metric, and how it was computed.

    ``bootstrap`` resamples cases, ``patients`` (or ``lesions``, ``groups``) whole ones; ``wilson`` is the score
    interval of a proportion, ``effective`` the same with effective cases
    (:mod:`derm_cli.evaluation.intervals.effective_cases`), ``beta`` that of the share that a promised threshold truly
    finds (:mod:`derm_cli.evaluation.metrics.promises`); ``tango`` is the score interval of a difference of two
    proportions, ``score`` that of any other difference (:mod:`derm_cli.evaluation.intervals.score_intervals`); ``t`` is
    Student's (:mod:`derm_cli.evaluation.intervals.t_intervals`).
    """

    low: float
    high: float
    method: ResamplingMethod | Literal["wilson", "effective", "beta", "tango", "score", "t"]

    def to_json(self) -> list[float | str]:
        """Return both ends and the method."""
        return [self.low, self.high, self.method]


Intervals = dict[str, Interval]
"""The intervals of metrics, by name."""


def wilson_interval(hits: float, cases: float, level: float = LEVEL) -> Interval | None:
    """Return the score interval of ``hits`` of ``cases`` (Wilson, JASA 1927); None without a case.

    It has no width of zero where all or none are hits, as the bootstrap would.
    """
    if not cases:
        return None
    z = normal_quantile((1 + level) / 2)
    share, spread = hits / cases, z * z / cases
    middle = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(share * (1 - share) / cases + spread / (4 * cases)) / (1 + spread)
    # Rounding must not leave the share outside of its own interval.
    return Interval(min(share, max(0.0, float(middle - half))), max(share, min(1.0, float(middle + half))), "wilson")


def percentile_interval(replicates: Floats, method: ResamplingMethod, level: float = LEVEL) -> Interval | None:
    """Return the percentile interval of a metric's values in all draws, (draws,) (Efron and Tibshirani 1993, ch. 13).

    Draws that leave the metric undefined, NaN, are left out; None where fewer than half define it.
    """
    defined = replicates[~np.isnan(replicates)]
    if 2 * len(defined) < len(replicates) or not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), method)


def metric_intervals(replicates: Mapping[str, Floats], method: ResamplingMethod, level: float = LEVEL) -> Intervals:
    """Return the interval of each metric that has one, from its values in all draws, (draws,)."""
    intervals = {name: percentile_interval(values, method, level) for name, values in replicates.items()}
    return {name: interval for name, interval in intervals.items() if interval is not None}


def intervals_json(intervals: Intervals) -> dict[str, list[float | str]]:
    """Return intervals as JSON values."""
    return {name: interval.to_json() for name, interval in intervals.items()}


def case_columns(weights: Weights) -> npt.NDArray[np.floating]:
    """Return weights (draws, n) as (n, draws), so that those of a case lie side by side; no copy where they do."""
    # Sums of whole numbers are exact in float32 up to 2 to the power of 24.
    exact = np.float32 if weights.shape[1] < 2**24 else np.float64
    return np.ascontiguousarray(weights.T, dtype=exact)


def weights_of_cases(weights: Weights, cases: Indices) -> Weights:
    """Return the weights (draws, m) of some of the cases, those of a case side by side as :func:`case_columns` has."""
    return weights.T[cases].T


@dataclass(frozen=True)
class Resampling:
    """How often cases are drawn, and in which groups: ``groups`` (n,) has a number from 0 for each, a patient say.

    ``word`` is what these are called (:mod:`derm_cli.evaluation.grouping`).

    Raises RequestError for more draws than :data:`derm_cli.evaluation.MOST_DRAWS`, or fewer than none.
    """

    groups: Indices
    draws: int = DRAWS
    seed: int = 0
    word: GroupWord = "patients"

    def __post_init__(self) -> None:
        if not 0 <= self.draws <= MOST_DRAWS:
            raise RequestError(f"--draws is '{self.draws}', but must be from 0 to {MOST_DRAWS}.")

    @property
    def method(self) -> ResamplingMethod:
        """``patients``, or what groups are called, where one has several cases."""
        return "bootstrap" if self.count == len(self.groups) else self.word

    @property
    def count(self) -> int:
        """The number of groups."""
        return int(self.groups.max()) + 1 if len(self.groups) else 0

    def _blocks(self) -> Iterator[tuple[int, np.random.SeedSequence]]:
        size = max(1, BLOCK // max(1, len(self.groups)))
        sizes = [min(size, self.draws - start) for start in range(0, self.draws, size)]
        # A seed a block: the draws are the same on one core and on many.
        return zip(sizes, np.random.SeedSequence(self.seed).spawn(len(sizes)), strict=True)

    def _weights(self, block: tuple[int, np.random.SeedSequence]) -> Weights:
        size, seed = block
        count, generator = self.count, np.random.default_rng(seed)
        times_drawn = np.empty((size, count))
        for draw in times_drawn:
            draw[:] = np.bincount(generator.integers(count, size=count), minlength=count)
        # The weights of a case lie side by side, as counting wants them.
        return case_columns(times_drawn)[self.groups].T

    def map(self, statistic: Statistic) -> Replicates:
        """Return each metric's values in all draws, (draws, …): ``statistic`` gives them for weights (block, n).

        Weights are whole numbers: how often a draw has a case.  Blocks are computed on all cores.
        """
        with ThreadPoolExecutor(usable_cores()) as pool:
            seeds = list(self._blocks())
            mapped = pool.map(lambda block: statistic(self._weights(block)), seeds)
            blocks = list(progress(mapped, "Computing intervals", total=len(seeds), delay=1))
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]} if blocks else {}


def point_estimates(statistic: Statistic, cases: int) -> Replicates:
    """Return each metric of the table itself: its value in the draw that has every case once."""
    return {name: values[0] for name, values in statistic(np.ones((1, cases), dtype=np.float32)).items()}


def degrees_of_freedom(patients: float) -> float:
    """Return those of a metric of so many ``patients`` of whom a few make most of the variance: a third of as many.

    Few of a table's patients do, and where it has none of them their influences do not tell: degrees by their kurtosis
    held 89 to 97 % by what the table happened to have.
    """
    return max(1.0, patients / 3)


def expanded_level(patients: float) -> float:
    """Return the level that percentiles of draws are taken at, so that they hold 95 % with so few ``patients``.

    Percentile intervals are too narrow then.  So they go from further out, as far as the quantile of t is beyond the
    normal one (the expanded percentile interval: Hesterberg, The American Statistician 2015, section 5.3).
    """
    from scipy.stats import norm

    count = max(2.0, patients)
    out = float(np.sqrt(count / (count - 1)) * student_quantile((1 + LEVEL) / 2, degrees_of_freedom(count)))
    return float(2 * norm.cdf(out) - 1)
