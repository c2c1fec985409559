"""Variances of AUC and average precision: against models, scikit-learn, and what happens with few cases."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from derm_cli.evaluation.intervals.effective_cases import Estimate, Sample, score_interval
from derm_cli.evaluation.intervals.influence import auc_influence
from derm_cli.evaluation.intervals.ranking_variance import (
    auc_variance,
    average_precision_influence,
    binormal_variance,
    interval_of_auc,
    precision_interval,
)


@pytest.mark.parametrize(("auc", "positives", "negatives"), [(0.7, 10, 30), (0.92, 5, 200), (0.5, 20, 20)])
def test_the_model_has_the_variance_of_normal_scores(auc: float, positives: int, negatives: int) -> None:
    from scipy.stats import norm

    generator = np.random.default_rng(0)
    shift = norm.ppf(auc) * np.sqrt(2)
    positive = shift + generator.standard_normal((8000, positives, 1))
    won = positive > generator.standard_normal((8000, 1, negatives))
    assert binormal_variance(auc, positives, negatives) == pytest.approx(won.mean(axis=(1, 2)).var(), rel=0.06)


def test_at_one_half_the_model_is_mann_and_whitneys() -> None:
    """Mann and Whitney 1947: (m + n + 1) / (12 m n)."""
    assert binormal_variance(0.5, 7, 12) == pytest.approx((7 + 12 + 1) / (12 * 7 * 12))


@pytest.mark.parametrize("decimals", [8, 1])
def test_average_precision_is_that_of_scikit_learn_and_its_influence_the_slope(decimals: int) -> None:
    generator = np.random.default_rng(1)
    positive = generator.random(60) < 0.3
    scores = np.round(generator.random(60) + 0.5 * positive, decimals)
    value, influence = average_precision_influence(scores, positive)
    assert value == pytest.approx(average_precision_score(positive, scores))
    step, slopes = 1e-5, []
    for case in range(60):
        weights = np.ones(60)
        weights[case] += step
        more = average_precision_score(positive, scores, sample_weight=weights)
        weights[case] -= 2 * step
        slopes.append((more - average_precision_score(positive, scores, sample_weight=weights)) / (2 * step))
    assert influence == pytest.approx(np.array(slopes), abs=1e-6)
    assert influence.sum() == pytest.approx(0, abs=1e-12)


def test_with_many_patients_it_is_delongs_and_with_few_all_ranked_first_it_is_not_nothing() -> None:
    generator = np.random.default_rng(2)
    positive = np.arange(4000) < 1500
    scores = generator.standard_normal(4000) + 1.2 * positive
    many = Estimate.of(auc_influence(scores, positive, np.arange(4000), 4000))
    sides = Sample(1500, 1500, 1500.0), Sample(2500, 2500, 2500.0)
    assert auc_variance(many, *sides)[0] == pytest.approx(many.squares, rel=0.02)
    few = np.arange(100) < 5
    perfect = interval_of_auc(np.where(few, 1.0, 0.0) + np.arange(100) / 1000, few, np.arange(100))
    assert perfect.high == 1.0
    assert 0.75 < perfect.low < 0.95


def test_photographs_of_few_patients_widen_it_and_few_on_either_side_have_none() -> None:
    generator = np.random.default_rng(3)
    groups = np.repeat(np.arange(30), 10)
    positive, of_patient = groups < 10, generator.standard_normal(30)
    scores = of_patient[groups] + positive + 0.3 * generator.standard_normal(300)
    wide, narrow = (interval_of_auc(scores, positive, each) for each in (groups, np.arange(300)))
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)
    for side in (groups < 4, groups >= 4, groups < 30):
        assert interval_of_auc(scores, side, groups) is None


def test_an_average_precision_of_few_has_the_variance_of_a_share_and_of_many_its_own() -> None:
    """The model weighs as twelve patients, which are the quantile's too."""
    assumed = 5.2 / 5.4
    interval = precision_interval(Estimate(1.0, 0.0), Sample(5, 5, 5.0), Sample(95, 95, 95.0))
    spread = 12 / 17 * assumed * (1 - assumed) / 5
    expected = score_interval(1.0, assumed * (1 - assumed) / spread, 16)
    assert (interval.low, interval.high) == (pytest.approx(expected.low), 1.0)
    many = Sample(20_000, 20_000, 20_000.0)
    interval = precision_interval(Estimate(0.8, 1e-5), many, many)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 1e-5**0.5, rel=0.01)


def test_where_nearly_all_cases_are_of_the_class_it_is_as_uncertain_as_the_few_others() -> None:
    most, even = (
        precision_interval(Estimate(0.99, 1e-6), Sample(280, 280, 280.0), Sample(others, others, float(others)))
        for others in (10, 280)
    )
    assert most.high - most.low > 1.5 * (even.high - even.low)
