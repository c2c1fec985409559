import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from derm_cli.evaluation.intervals.effective_cases import Estimate
from derm_cli.evaluation.intervals.t_intervals import Transformation, mean_interval, t_interval


def mean_of(values: np.ndarray) -> Estimate:
    return Estimate.of_share(values, np.ones(len(values)))


def test_of_many_it_is_the_interval_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(3, 1, 4000)
    expected = ttest_1samp(values, 0).confidence_interval(0.95)
    found = t_interval(mean_of(values), values.var() / 4000, 4000)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_of_few_it_is_drawn_to_what_is_assumed_and_has_a_third_of_their_degrees_of_freedom() -> None:
    values = np.arange(1.0, 13.0)
    half = t.ppf(0.975, 4) * np.sqrt((4 * 0.7 + 12 * values.var(ddof=1) / 12) / 16)
    found = t_interval(mean_of(values), 0.7, 12)
    assert (found.low, found.high) == pytest.approx((6.5 - half, 6.5 + half))


def test_photographs_of_a_patient_widen_the_interval_of_a_mean() -> None:
    values = np.repeat(np.random.default_rng(1).exponential(1, 100), 4)
    by_patient, by_case = (mean_interval(values, each) for each in (np.repeat(np.arange(100), 4), np.arange(400)))
    assert np.log(by_patient.high / by_patient.low) > 1.8 * np.log(by_case.high / by_case.low)
    assert by_patient.low < values.mean() < by_patient.high


def test_each_scale_keeps_to_its_side() -> None:
    values = np.array([0.1, 0.2, 0.1, 3.0, 0.3, 0.1])
    by_factor = t_interval(mean_of(values), 0.3, 6, Transformation.LOG)
    mean = values.mean()
    assert 0 < by_factor.low < mean < by_factor.high
    assert by_factor.high / mean == pytest.approx(mean / by_factor.low)
    below_one = t_interval(Estimate(0.9, 0.003, 4e-6), 0.002, 12, Transformation.LOG_OF_REST)
    assert below_one.high < 1
    assert (1 - below_one.low) / 0.1 == pytest.approx(0.1 / (1 - below_one.high))
    certain = t_interval(Estimate(1.0, 0.0), 0.001, 12, Transformation.LOG_OF_REST)
    assert (certain.high, certain.low < 0.96) == (1.0, True)
