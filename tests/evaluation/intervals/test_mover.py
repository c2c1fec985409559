"""The interval of a difference from those of both sides: published examples, and what wrong answers nobody has seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from derm_cli.evaluation.intervals.influence import Influence
from derm_cli.evaluation.intervals.mover import Single, correlation_of, difference_distances
from derm_cli.evaluation.intervals.resampling import wilson_interval


def test_independent_proportions_have_newcombe_s_interval() -> None:
    """56 of 70 less 48 of 80: 0.0524 to 0.3339 (Newcombe, Statistics in Medicine 17:873-890, 1998, method 10)."""
    first, second = Single("sensitivity", 48 / 80, 80), Single("sensitivity", 56 / 70, 70)
    down, up = difference_distances(first, second, 0.0, 0.05)
    assert (0.2 - down, 0.2 + up) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_what_goes_together_is_known_better() -> None:
    first, second = Single("precision", 0.8, 40), Single("precision", 0.9, 40)
    apart, together, against = (sum(difference_distances(first, second, each, 0.05)) for each in (0.0, 0.8, -0.8))
    assert together < 0.6 * apart
    assert against == apart


@pytest.mark.parametrize("auc", [0.6, 0.9, 0.97])
def test_an_auc_has_newcombe_s_interval(auc: float) -> None:
    """At its ends the AUC is z standard errors away, of which there are those of exponential scores."""
    down, up = Single("auc", auc, 12, 200).distances(0.05)
    for end in (auc - down, auc + up):
        mean = (12 + 200) / 2 - 1
        variance = end * (1 - end) * (1 + mean * (1 - end) / (2 - end) + mean * end / (1 + end)) / (12 * 200)
        assert abs(auc - end) / np.sqrt(variance) == pytest.approx(norm.ppf(0.975), rel=1e-6)


def test_one_that_is_never_wrong_may_be_wrong_next() -> None:
    for name in ("precision", "f1", "auc"):
        down, up = Single(name, 1.0, 10, 90).distances(0.05)
        assert up == pytest.approx(0)
        assert 0.05 < down < 0.35
    down, up = Single("auc", 0.0, 10, 90).distances(0.05)
    assert down == 0
    assert up > 0.05


def test_an_f1_has_the_interval_of_the_jaccard_index() -> None:
    """8 true positives among 12 that are or were said to be: F1 = 16 / 20."""
    down, up = Single("f1", 0.8, 12).distances(0.05)
    expected = wilson_interval(8, 12)
    assert expected is not None
    assert 0.8 - down == pytest.approx(2 * expected.low / (1 + expected.low))
    assert 0.8 + up == pytest.approx(2 * expected.high / (1 + expected.high))


@pytest.mark.parametrize(
    ("part", "total", "worth"),
    [
        # A case a patient: all cases.
        ([1] * 20 + [0] * 10, [1] * 30, 30),
        # Four cases of each of five patients, all of whom are right: as many cases as patients.
        ([4] * 5, [4] * 5, 5),
        # All right or all wrong: near as many as patients; drawn to what photographs usually resemble, 1.75 for one.
        ([4, 4, 4, 0, 0, 0, 4, 0], [4] * 8, 32 / ((2 * 1.75 + 8 * 4) / 10)),
        # A patient's cases have nothing in common: near all of them.
        ([2] * 39 + [4, 0], [4] * 41, None),
    ],
)
def test_photographs_of_a_patient_are_worth_less_than_as_many_patients(part, total, worth) -> None:
    influence = Influence.of_ratio(np.array(part, dtype=float), np.array(total, dtype=float))
    found = Single.of("sensitivity", influence)
    assert found is not None
    if worth is None:
        assert found.cases > 60
    else:
        assert found.cases == pytest.approx(worth, rel=0.02)


def test_only_shares_f1_and_auc_have_one() -> None:
    influence = Influence.of_ratio(np.ones(3), np.full(3, 2.0))
    assert Single.of("log_loss", influence) is None
    assert Single.of("precision", Influence.of_ratio(np.zeros(3), np.zeros(3))) is None


def test_the_correlation_is_that_of_what_patients_do() -> None:
    rng = np.random.default_rng(0)
    right = rng.integers(2, size=(2, 4000)).astype(float)
    right[1, :2000] = right[0, :2000]
    first, second = (Influence.of_ratio(each, np.ones(4000)) for each in right)
    assert correlation_of(first, second) == pytest.approx(np.corrcoef(right)[0, 1])
    assert correlation_of(first, Influence.of_ratio(np.ones(4000), np.ones(4000))) == 0
