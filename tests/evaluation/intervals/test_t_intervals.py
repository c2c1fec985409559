import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from derm_cli.evaluation.intervals.effective_cases import Estimate
from derm_cli.evaluation.intervals.t_intervals import Scale, t_interval


def mean_of(values: np.ndarray) -> Estimate:
    return Estimate.of_share(values, np.ones(len(values)))


def test_of_many_it_is_the_interval_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(3, 1, 4000)
    expected = ttest_1samp(values, 0).confidence_interval(0.95)
    found = t_interval(mean_of(values), values.var() / 4000, 4000)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_of_few_it_is_drawn_to_what_is_assumed_and_its_quantile_is_that_of_fewer_where_one_stands_out() -> None:
    even, odd = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1.0, 1, 1, 1, 1, 9])
    seen = mean_of(even).squares * 6 / 5
    half = t.ppf(0.975, 9) * np.sqrt((4 * 0.7 + 6 * seen) / 10)
    found = t_interval(mean_of(even), 0.7, 6)
    assert (found.low, found.high) == pytest.approx((3.5 - half, 3.5 + half), rel=0.02)
    variance = (4 * 0.7 + 6 * mean_of(odd).squares * 6 / 5) / 10
    found = t_interval(mean_of(odd), 0.7, 6)
    assert (found.high - found.low) / 2 > 1.1 * t.ppf(0.975, 9) * np.sqrt(variance)


def test_each_scale_keeps_to_its_side() -> None:
    values = np.array([0.1, 0.2, 0.1, 3.0, 0.3, 0.1])
    by_factor = t_interval(mean_of(values), 0.3, 6, Scale.LOG)
    mean = values.mean()
    assert 0 < by_factor.low < mean < by_factor.high
    assert by_factor.high / mean == pytest.approx(mean / by_factor.low)
    below_one = t_interval(Estimate(0.9, 0.003, 4e-6), 0.002, 12, Scale.LOG_OF_REST)
    assert below_one.high < 1
    assert (1 - below_one.low) / 0.1 == pytest.approx(0.1 / (1 - below_one.high))
    certain = t_interval(Estimate(1.0, 0.0), 0.001, 12, Scale.LOG_OF_REST)
    assert (certain.high, certain.low < 0.96) == (1.0, True)
