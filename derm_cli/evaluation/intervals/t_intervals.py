"""Intervals by Student's t, on the scale where a metric of few patients is nearest to normal.

A few patients make most of the variance of losses, calibration slopes and partial AUCs: where a table lacks them, what
is seen of it is too little, and percentiles of bootstrap draws from the same patients are too narrow.  So it is drawn
to what is assumed of cases that resemble each other (:func:`.effective_cases.drawn_to`), and the degrees of freedom
are fewer than there are patients (:func:`.resampling.degrees_of_freedom`).
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.intervals.effective_cases import Estimate, Sample, drawn_to
from derm_cli.evaluation.intervals.resampling import LEVEL, Interval, degrees_of_freedom

WEIGHT = 4.0
"""How many patients the assumed variance weighs."""


class Transformation(Enum):
    """What makes an interval symmetric: the metric as it is, its logarithm, or that of what it lacks to 1."""

    PLAIN = "plain"
    LOG = "log"
    LOG_OF_REST = "log of rest"


def t_interval(metric: Estimate, assumed: float, equal: float, by: Transformation = Transformation.PLAIN) -> Interval:
    """Return the 95 % interval of a metric of which ``equal`` patients tell.

    ``assumed`` is the variance that cases would give which resemble each other as is assumed.  On
    :attr:`Transformation.LOG` the metric is above 0, on :attr:`Transformation.LOG_OF_REST` at most 1.
    """
    from scipy.special import stdtrit

    variance = drawn_to(assumed, metric.variance(equal), WEIGHT, equal)
    half = float(stdtrit(degrees_of_freedom(equal), (1 + LEVEL) / 2) * np.sqrt(variance.value))
    value = metric.value
    if by is Transformation.PLAIN:
        return Interval(value - half, value + half, "t")
    if by is Transformation.LOG:
        factor = float(np.exp(half / value))
        return Interval(value / factor, value * factor, "t")
    # Of a table without a mistake the rest is taken to be half a case in as many as there are patients.
    rest = max(1 - value, 0.5 / (equal + 1))
    factor = float(np.exp(half / rest))
    return Interval(min(value, 1 - rest * factor), max(value, 1 - rest / factor), "t")


def mean_interval(values: Floats, groups: Indices) -> Interval:
    """Return the interval of the mean of ``values`` (n,), of cases whose mean is above 0, by its logarithm.

    ``groups`` (n,) are the cases' patients as numbers from 0.
    """
    cases = np.bincount(groups).astype(np.float64)
    sample, mean = Sample.of(cases), Estimate.of_share(np.bincount(groups, weights=values).astype(np.float64), cases)
    assumed = float(values.var()) * sample.assumed_design / sample.cases
    return t_interval(mean, assumed, sample.equal, Transformation.LOG)
