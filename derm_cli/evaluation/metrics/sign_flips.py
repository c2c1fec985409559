"""The sign-flip test of paired differences by patient: what chance alone gives where two classifiers are as good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from derm_cli.evaluation.array_types import Floats

ENUMERATED = 12
"""The largest contributions whose signs are all enumerated; the rest are many and small, and their sum is normal."""


@dataclass(frozen=True)
class Contributions:
    """What each patient adds to a paired difference, summed up.

    Each patient adds d, and has a share a of the cases that count: the shares sum to 1, the d to ``difference``.
    ``squares`` is the sum of d², ``cross`` that of a·d, ``share_squares`` that of a².  ``patients`` counts those with
    a share, ``differing`` those of them that add something; ``largest`` are their largest |d|.
    """

    difference: float
    squares: float
    cross: float
    share_squares: float
    patients: int
    differing: int
    largest: tuple[float, ...]

    @classmethod
    def of(cls, differences: Floats, shares: Floats) -> Contributions:
        """Sum up the patients' d and a, both (patients,)."""
        sizes = np.abs(differences)
        # Rounding leaves specks where two classifiers answered alike.
        differences = np.where(sizes > 1e-12 * max(1.0, float(sizes.max(initial=0.0))), differences, 0.0)
        largest = np.partition(sizes, len(sizes) - ENUMERATED)[-ENUMERATED:] if len(sizes) > ENUMERATED else sizes
        return cls(
            float(differences.sum()),
            float((differences**2).sum()),
            float((shares * differences).sum()),
            float((shares**2).sum()),
            int(np.count_nonzero(shares)),
            int(np.count_nonzero(differences)),
            tuple(np.sort(largest).tolist()),
        )

    @property
    def statistic(self) -> float:
        """The difference over the root of the summed squares, 0 where nobody differs.

        For counts its square is Obuchowski's statistic (Statistics in Medicine 1998) times K/(K-1), K the patients.
        """
        return self.difference / float(np.sqrt(self.squares)) if self.squares else 0.0


def sign_flip_p(contributions: Contributions) -> float:
    """Return the two-sided p-value of no difference: the share of all signs whose sum is as far from 0.

    Where two classifiers are as good, it is chance which of the two answers of a patient is whose, so that each
    patient's d might as well be -d (Fisher 1935; Ernst, Statistical Science 2004).  Where all that differ do so by the
    same, as right and wrong answers of patients with one case each, that is McNemar's exact test (1947).  1 where
    nobody differs.
    """
    from scipy.special import ndtr
    from scipy.stats import binomtest

    if not contributions.squares:
        return 1.0
    largest, differing = np.array(contributions.largest), contributions.differing
    if np.isclose(contributions.squares, differing * largest[-1] ** 2, rtol=1e-9, atol=0):
        more = round((contributions.difference / largest[-1] + differing) / 2)
        return float(binomtest(more, differing).pvalue)
    sums = _signs(len(largest)) @ largest
    rest = contributions.squares - float((largest**2).sum())
    reached = abs(contributions.difference)
    if rest <= 1e-12 * contributions.squares:
        return float((np.abs(sums) >= reached * (1 - 1e-9)).mean())
    spread = np.sqrt(rest)
    return float((ndtr((-reached - sums) / spread) + ndtr((sums - reached) / spread)).mean())


@cache
def _signs(count: int) -> Floats:
    """Return all signs of ``count`` numbers, (2 to the power of count, count)."""
    numbers = np.arange(2**count)[:, np.newaxis]
    return np.asarray(1.0 - 2.0 * ((numbers >> np.arange(count)) & 1))
