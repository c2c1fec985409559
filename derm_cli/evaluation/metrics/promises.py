"""Promised thresholds: chosen on some cases, they find a promised share of others like these, on average."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.grouping import GroupWord, counted
from derm_cli.evaluation.resampling import LEVEL, Interval

ROUNDING = 1e-9
"""What a sum of groups' shares may fall short of a whole number by rounding alone."""


@dataclass(frozen=True)
class Promise:
    """A threshold that finds the share ``target`` of cases, in 0..1, on average over the cases that it is chosen on.

    It was chosen on ``cases`` cases of ``groups`` patients, or what else ``word`` says.  ``threshold`` is None where
    these are fewer than the ``needed`` ones, from which the promise could be kept; ``needed`` is None of a target of 1,
    which no number of cases can promise.  ``interval`` is where the share that this threshold truly finds lies, 95 %.
    """

    target: float
    cases: int
    groups: int
    needed: int | None
    threshold: float | None = None
    interval: Interval | None = None
    word: GroupWord = "patients"

    @property
    def repeats(self) -> bool:
        """Whether a patient, or what else keeps cases together, has several of the cases."""
        return self.groups < self.cases

    def to_json(self) -> dict[str, Any]:
        """Return the promise as JSON values."""
        values = {name: value for name, value in vars(self).items() if name != "word"}
        return {**values, "interval": self.interval and self.interval.to_json()}


def groups_needed(target: float) -> int | None:
    """Return the least n with ⌈(n + 1) · target⌉ ≤ n, 19 for 0.95; None for 1."""
    share = _exact(target)
    return None if share >= 1 else ceil(share / (1 - share))


def promise(scores: Floats, groups: Indices, target: float, word: GroupWord = "patients") -> Promise:
    """Return the highest threshold at which a share ``target`` of cases like these have a score as high, on average.

    ``scores`` (n,) are those of the cases to be found, ``groups`` (n,) tell which of them are of one patient, or of
    what else ``word`` says.  Where nobody repeats it is the score of rank ⌈(n + 1) · target⌉ from above (Vovk,
    Gammerman and Shafer 2005, ch. 2; Sadinle, Lei and Wasserman, JASA 2019).  Where patients repeat, one more patient
    like these stands in the place of one more case: each counts 1 in K + 1, divided among its own cases (Lee, Barber
    and Willett 2023, arXiv:2306.06342), and each case alike too; the lower of both thresholds holds for a case of a
    patient and for a share of all cases, whether patients with many photographs are easy or hard.

    Given the threshold, the share that it truly finds is Beta-distributed as the order statistic that it is.  Where
    patients repeat, the number of patients stands as that of the cases, as if all photographs of one were found or
    missed together: the interval is wider then than it need be.
    """
    cases = len(scores)
    _, own, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    count, needed, share = len(sizes), groups_needed(target), _exact(target)
    if needed is None or count < needed:
        return Promise(float(target), cases, count, needed, word=word)
    order = np.argsort(-scores, kind="stable")
    by_case = ceil(share * (count + 1) * cases / count)
    by_group = int(np.searchsorted(np.cumsum(1 / sizes[own[order]]), float(share * (count + 1)) - ROUNDING)) + 1
    rank = min(max(by_case, by_group), cases)
    threshold = float(scores[order[rank - 1]])
    found = int((scores >= threshold).sum())
    return Promise(float(target), cases, count, needed, threshold, _true_share(rank, found, cases, count), word)


def refusal(refused: Promise, what: str) -> str:
    """Return in words how many cases of ``what`` there are, and how many are needed."""
    there = counted(refused.cases, "cases")
    if refused.repeats:
        there = f"{counted(refused.groups, refused.word)} with {there}"
    needed = "no number is enough"
    if refused.needed is not None:
        needed = f"{counted(refused.needed, refused.word if refused.repeats else 'cases')} are needed"
    return f"{there} {what} cannot promise {refused.target * 100:.3g} %, for which {needed}"


def _true_share(rank: int, found: int, cases: int, groups: int) -> Interval:
    """Return the interval of the share that a threshold truly finds: the score of ``rank``, reached by ``found``."""
    from scipy.stats import beta

    low, high = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    # Equal scores are found together: the share may be as much as that of the next lower score.
    above = found if found == rank else found + 1
    ends = [1.0 if above > cases else float(beta.ppf(high, above, cases + 1 - above))]
    found_groups = rank / cases * groups
    ends.append(float(beta.ppf(high, found_groups, groups + 1 - found_groups)))
    return Interval(float(beta.ppf(low, found_groups, groups + 1 - found_groups)), max(ends), "beta")


def _exact(target: float) -> Fraction:
    """Return a share as the decimal that was meant: 0.9 / (1 - 0.9) is 9, not a little more."""
    return Fraction(repr(float(target)))
