import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap

from derm_cli.errors import RequestError
from derm_cli.evaluation import MOST_DRAWS
from derm_cli.evaluation.intervals import resampling
from derm_cli.evaluation.intervals.resampling import (
    Resampling,
    metric_intervals,
    percentile_interval,
    point_estimates,
    wilson_interval,
)
from tests.support.reference_values import PROPORTIONS, stored


@pytest.mark.parametrize(("hits", "cases"), [(0, 5), (5, 5), (3, 10), (1, 1), (57, 60), (500, 1000)])
def test_wilson_agrees_with_scipy(hits: int, cases: int) -> None:
    expected = binomtest(hits, cases).proportion_ci(0.95, method="wilson")
    interval = wilson_interval(hits, cases)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert interval.low <= hits / cases <= interval.high


def test_there_is_no_interval_of_no_case() -> None:
    assert wilson_interval(0, 0) is None


def test_the_bootstrap_agrees_with_scipy() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=200)
    replicates = Resampling(np.arange(200), draws=4000).map(
        lambda weights: {"mean": weights @ values / weights.sum(axis=1)}
    )
    interval = percentile_interval(replicates["mean"], "bootstrap")
    theirs = bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), rel=0.01)


def test_each_draw_has_as_many_patients_as_there_are_and_all_of_their_cases() -> None:
    groups = np.array([0, 0, 0, 1, 2, 2])
    drawn_weights = Resampling(groups, draws=300).map(lambda weights: {"weights": weights.astype(float)})["weights"]
    np.testing.assert_array_equal(drawn_weights[:, 0], drawn_weights[:, 1])
    np.testing.assert_array_equal(drawn_weights[:, 4], drawn_weights[:, 5])
    np.testing.assert_array_equal(drawn_weights[:, [0, 3, 4]].sum(axis=1), 3)
    assert drawn_weights[:, 3].mean() == pytest.approx(1.0, abs=0.15)


def test_blocks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    resampled = Resampling(np.arange(50), draws=40, seed=3)
    monkeypatch.setattr(resampling, "BLOCK", 50 * 7)
    first = resampled.map(lambda weights: {"w": weights.astype(float)})["w"]
    monkeypatch.setattr(resampling, "usable_cores", lambda: 1)
    np.testing.assert_array_equal(first, resampled.map(lambda weights: {"w": weights.astype(float)})["w"])
    assert len(np.unique(first, axis=0)) == 40


def test_draws_without_the_figure_are_left_out_and_mostly_unknown_has_no_interval() -> None:
    assert percentile_interval(np.array([np.nan, 1.0, 2.0, 3.0]), "bootstrap") == resampling.Interval(
        1.05, 2.95, "bootstrap"
    )
    assert percentile_interval(np.array([np.nan, np.nan, np.nan, 1.0]), "bootstrap") is None
    assert percentile_interval(np.array([]), "bootstrap") is None


def test_a_metric_that_no_draw_defines_has_no_interval() -> None:
    values = np.linspace(0.2, 0.4, 100)
    intervals = metric_intervals({"f1": values, "auc": np.full(100, np.nan)}, "patients")
    assert intervals == {"f1": percentile_interval(values, "patients")}
    assert metric_intervals({}, "bootstrap") == {}


def test_the_point_is_the_draw_that_has_each_case_once() -> None:
    assert point_estimates(lambda weights: {"n": weights.sum(axis=1).astype(float)}, 7)["n"] == 7


@pytest.mark.parametrize("draws", [-1, MOST_DRAWS + 1, 10**12])
def test_more_draws_than_help_are_refused(draws):
    with pytest.raises(RequestError, match=f"--draws is '{draws}', but must be from 0 to 100000"):
        Resampling(np.arange(3), draws)
    assert Resampling(np.arange(3), MOST_DRAWS).draws == MOST_DRAWS


def test_wilson_agrees_with_statsmodels() -> None:
    ends = [[each.low, each.high] for each in (wilson_interval(*of) for of in PROPORTIONS) if each is not None]
    np.testing.assert_allclose(ends, stored()["wilson"], atol=1e-12)
