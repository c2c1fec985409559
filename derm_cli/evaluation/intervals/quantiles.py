"""Quantiles of the normal distribution and of Student's, each computed once: intervals ask for few, very often."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def normal_quantile(probability: float) -> float:
    """Return the value that a standard normal variable is below with a ``probability``."""
    from scipy.stats import norm

    return float(norm.ppf(probability))


@lru_cache(maxsize=4096)
def student_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return the same of Student's t with so many degrees of freedom."""
    from scipy.stats import t

    return float(t.ppf(probability, degrees_of_freedom))
