"""Intervals and tests of many differences that hold for all of them together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derm_cli.evaluation.array_types import Floats

MOST_CORRELATED = 200
"""Differences above which their correlation is left out: each then gets its part of the risk (Bonferroni)."""
NORMAL_DRAWS = 20_000
"""Draws of the normal distribution that give the largest of several statistics."""


def common_alpha(columns: Sequence[Floats | None], alpha: float) -> float:
    """Return with what probability each of several intervals may miss, so that any of them does with ``alpha``.

    ``columns`` has for each difference what each patient adds to it, (patients,), or None where
    these are too many to keep.  Their correlation is that of the
    statistics, which are normal: the largest of them exceeds the quantile with a probability of ``alpha`` (max-t;
    Westfall and Young 1993; Hothorn, Bretz, Westfall, Biometrical Journal 2008).
    """
    from scipy.stats import norm

    if len(columns) > MOST_CORRELATED or any(each is None for each in columns):
        return alpha / max(1, len(columns))
    # One that never differs has no statistic that could be large.
    differing = [each for each in columns if each is not None and each.any()]
    if len(differing) <= 1:
        return alpha
    scaled = np.stack([each / np.sqrt((each**2).sum()) for each in differing])
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = np.random.default_rng(0).standard_normal((NORMAL_DRAWS, len(differing)))
    largest = np.abs(normal @ root.T).max(axis=1)
    found = float(2 * norm.sf(np.quantile(largest, 1 - alpha)))
    # What chance of these draws gives stays between one difference alone and none that go together.
    return float(np.clip(found, alpha / len(differing), alpha))


def holm_adjusted(values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values that hold for all of several tests together (Holm, Scandinavian Journal of Statistics 1979)."""
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return tuple(adjusted)
