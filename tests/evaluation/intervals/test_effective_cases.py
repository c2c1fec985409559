"""Score intervals with effective cases: against published examples, and where all cases of few patients are right."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from derm_cli.evaluation.intervals.effective_cases import (
    Drawn,
    Estimate,
    Sample,
    design_effect,
    drawn_to,
    interval_of_hits,
    intervals_of_hits,
    score_interval,
    share_interval,
)
from derm_cli.evaluation.intervals.fewest import FEWEST
from derm_cli.evaluation.intervals.influence import Influence
from derm_cli.evaluation.intervals.resampling import wilson_interval
from tests.support.reference_values import clustered, stored


def test_the_variance_between_patients_is_that_of_cochran_and_the_design_effect_of_rao_and_scott() -> None:
    """Sampling Techniques 1977, section 3.12: a share of clusters, Σ (hits - p cases)² / n², here of 6 patients.

    Rao and Scott (Biometrics 1992) divide it by p (1 - p) / n.
    """
    hits, cases = np.array([3.0, 0, 2, 4, 1, 0]), np.array([4.0, 2, 2, 5, 3, 4])
    share, n = Influence.of_ratio(hits, cases), 20.0
    by_hand = float(((hits - 0.5 * cases) ** 2).sum()) / n**2
    assert Estimate.of(share).squares == pytest.approx(by_hand)
    sample = Sample.of(cases)
    assert (sample.cases, sample.groups, sample.equal) == (20, 6, pytest.approx(400 / 74))
    seen = by_hand * sample.equal / (sample.equal - 1) / (0.25 / n)
    assumed = 1 + (20 / sample.equal - 1) * 0.25
    expected = (2 * assumed + sample.equal * seen) / (2 + sample.equal)
    assert design_effect(Estimate.of(share), sample).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("share", "effective"),
    [(0.5, 10.0), (0.9, 25.5), (0.0, 7.0), (1.0, 5.0), (0.02, 400.0)],
)
def test_the_ends_are_those_that_the_value_does_not_contradict(share: float, effective: float) -> None:
    """Wilson 1927: at each end θ the share lies a quantile of standard errors √(θ (1 - θ) / n) away."""
    interval = score_interval(share, effective)
    quantile = t.ppf(0.975, effective - 1)
    for end in (interval.low, interval.high):
        if 0 < end < 1:
            assert abs(share - end) == pytest.approx(quantile * np.sqrt(end * (1 - end) / effective))
    assert 0 <= interval.low <= share <= interval.high <= 1
    assert interval.low < interval.high
    assert score_interval(share, effective, 2).high >= interval.high


def test_where_nobody_repeats_it_is_wilsons() -> None:
    """Newcombe (Stat. Med. 1998), table I: 81 of 263 gives 0.2553 to 0.3662, 15 of 148 gives 0.0624 to 0.1605."""
    for hits, cases, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)):
        interval = interval_of_hits(np.arange(cases) < hits, np.arange(cases))
        assert interval == wilson_interval(hits, cases)
        assert (interval.low, interval.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@pytest.mark.parametrize("right", [True, False])
def test_six_patients_with_fifty_photographs_all_right_are_as_six_cases(right: bool) -> None:
    """Of 300 independent photographs it would be 98.7 to 100 %."""
    groups = np.repeat(np.arange(6), 50)
    interval, alone = (interval_of_hits(np.full(len(each), right), each) for each in (groups, np.arange(6)))
    assert interval.high - interval.low >= alone.high - alone.low > 0.35
    assert interval.method == "effective"


def test_a_patient_with_most_cases_does_not_narrow_the_interval() -> None:
    even = np.repeat(np.arange(12), 10)
    uneven = np.concatenate([np.zeros(54, dtype=int), np.repeat(np.arange(1, 12), 6)])
    hits = np.arange(120) % 5 > 0
    widths = [each.high - each.low for groups in (even, uneven) if (each := interval_of_hits(hits, groups))]
    assert len(widths) == 1, "the second counts as four patients"
    assert "12 patients, with so unequal numbers of cases that they count as 4" in (
        Sample.of(np.bincount(uneven).astype(float)).too_few("patients") or ""
    )


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5])
def test_below_five_patients_there_is_none_and_why(count: int) -> None:
    groups = np.repeat(np.arange(count), 20)
    hits = np.arange(len(groups)) % 3 > 0
    sample = Sample.of(np.bincount(groups, minlength=1).astype(float))
    assert (interval_of_hits(hits, groups) is None) == (count < FEWEST)
    noun = "lesion" if count == 1 else "lesions"
    told = f"{count} {noun}: too few for an interval"
    assert sample.too_few("lesions") == (told if count < FEWEST else None)


def test_a_draw_that_loses_a_patient_cannot_narrow_it() -> None:
    """One of five patients is wrong throughout: by draws alone the interval was narrower than that of five cases."""
    groups = np.repeat(np.arange(5), 8)
    hits = groups > 0
    interval, alone = interval_of_hits(hits, groups), interval_of_hits(np.arange(5) > 0, np.arange(5))
    assert interval.low <= alone.low
    assert interval.high >= alone.high


def test_photographs_that_do_not_resemble_each_other_count_nearly_each() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(200), 5)
    hits = generator.random(1000) < 0.8
    narrow, wide = (interval_of_hits(each, groups) for each in (hits, np.repeat(hits[:200], 5)))
    plain = wilson_interval(hits.sum(), 1000)
    assert narrow.high - narrow.low < 1.15 * (plain.high - plain.low)
    assert wide.high - wide.low > 1.9 * (plain.high - plain.low)


def test_shares_are_of_their_own_cases_and_what_is_seen_in_one_patient_counts_nothing() -> None:
    groups, hits = np.arange(40), np.arange(40) % 2 == 0
    found = intervals_of_hits({"of twenty": (hits, groups < 20), "of two": (hits, groups < 2)}, groups)
    assert found == {"of twenty": wilson_interval(10, 20)}
    assert (drawn_to(2.0, 9.0, 4.0, 1.5).value, drawn_to(2.0, 8.0, 4.0, 8.0).value) == (2.0, 6.0)
    share = Estimate(0.5, 0.001)
    assert share_interval(share, Sample(100, 20, 19.0)).method == "effective"


def test_degrees_of_freedom_are_as_few_as_the_patients_with_most_of_the_influence() -> None:
    """Of normal influences they are the patients less one; of one patient with all of it, hardly more than one."""
    normal = np.random.default_rng(1).standard_normal(20_000)
    normal -= normal.mean()
    estimate = Estimate(0.5, float((normal**2).sum()), float((normal**4).sum()))
    assert Drawn(1.0, 1.0, 20_000).freedom(estimate) == pytest.approx(20_000, rel=0.05)
    one = np.array([1.0, *[-1 / 40] * 40])
    assert Drawn(1.0, 1.0, 41).freedom(Estimate(0.5, float((one**2).sum()), float((one**4).sum()))) < 2.2
    assert Drawn(1.0, 0.0, 41).freedom(estimate) == 40, "what is assumed alone"


def test_the_bias_of_a_ratio_is_cochrans() -> None:
    """Sampling Techniques 1977, section 6.8: the mean of the ratio of two sums, over all draws of patients."""
    generator = np.random.default_rng(2)
    cases = generator.integers(1, 9, size=4000).astype(float)
    hits = cases * (cases > 4)
    truth, draws = hits.sum() / cases.sum(), generator.integers(4000, size=(20_000, 12))
    found = hits[draws].sum(axis=1) / cases[draws].sum(axis=1)
    biases = [Estimate.of_share(hits[each], cases[each]).bias for each in draws[:2000]]
    assert np.mean(biases) == pytest.approx(found.mean() - truth, rel=0.25)
    assert found.mean() < truth


def test_typical_patients_are_those_that_cases_would_be_of() -> None:
    sample = Sample.of(np.full(20, 5.0))
    assert (sample.typical(25.0), sample.typical(2.0)) == (5.0, 0.4)
    assert sample.mixed_too_little(23.0, "patients") is None
    assert sample.mixed_too_little(22.0, "lesions") == "22 cases, as 4 lesions would have: too few for an interval"
    assert Sample.of(np.ones(100)).mixed_too_little(1.0, "cases") is None


def test_the_error_of_a_share_by_patient_is_that_of_statsmodels() -> None:
    """Of its regression on a constant alone, with a robust covariance by groups."""
    table = clustered()
    cases = np.bincount(table.patients).astype(float)
    share = Estimate.of_share(np.bincount(table.patients, weights=table.hits).astype(float), cases)
    assert [share.value, share.squares**0.5] == pytest.approx(stored()["share"], rel=1e-9)
