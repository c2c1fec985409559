"""Score intervals: published examples of Tango's, and the t interval of a mean."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp

from derm_cli.evaluation.metrics.score_intervals import design_effect, score_interval, tango_interval
from derm_cli.evaluation.metrics.sign_flips import Contributions, sign_flip_p


def of_counts(only_first: int, only_second: int, cases: int) -> Contributions:
    differences = np.zeros(cases)
    differences[:only_first], differences[only_first : only_first + only_second] = -1 / cases, 1 / cases
    return Contributions.of(differences, np.full(cases, 1 / cases))


@pytest.mark.parametrize(
    ("only_first", "only_second", "cases", "low", "high"),
    [
        # Airway hyper-responsiveness (Fagerland, Lydersen, Laake, Statistics in Medicine 2014): -0.517 to -0.026.
        (7, 1, 21, -0.517, 0.0),
        # Complete response before and after consolidation (the same, in their book of 2017).
        (16, 6, 161, -0.124, 0.0),
        # Where nobody differs: z² / (n + z²).
        (0, 0, 44, -0.0803, 0.0803),
        (0, 0, 5, -0.434, 0.434),
        # Where all do.
        (0, 9, 9, 0.0, 1.0),
    ],
)
def test_tango_as_published_but_up_to_zero_where_the_exact_test_does_not_reject(
    only_first: int, only_second: int, cases: int, low: float, high: float
) -> None:
    found = tango_interval((only_first, only_second, cases), 1.0, of_counts(only_first, only_second, cases), 0.05)
    if only_second == cases:
        assert found.high == 1.0
        assert 0.3 < found.low < 1.0
    else:
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)


@pytest.mark.parametrize(("only_first", "only_second", "cases"), [(40, 20, 160), (9, 31, 80), (2, 25, 60)])
def test_at_the_ends_the_score_test_just_rejects(only_first: int, only_second: int, cases: int) -> None:
    """The statistic at both ends is z, by the most probable chances there, which are found by trying them all."""
    found = tango_interval((only_first, only_second, cases), 1.0, of_counts(only_first, only_second, cases), 0.05)
    for end in (found.low, found.high):
        first_alone = np.linspace(1e-6, 1 - 1e-6, 400_001)
        second_alone = first_alone + end
        both = 1 - first_alone - second_alone
        possible = (second_alone > 0) & (both > 0)
        first_alone, second_alone, both = (each[possible] for each in (first_alone, second_alone, both))
        likelihood = (
            only_first * np.log(first_alone)
            + only_second * np.log(second_alone)
            + (cases - only_first - only_second) * np.log(both)
        )
        best = int(likelihood.argmax())
        variance = cases * (first_alone[best] + second_alone[best] - end**2)
        statistic = (only_second - only_first - cases * end) / np.sqrt(variance)
        assert abs(statistic) == pytest.approx(norm.ppf(0.975), abs=2e-3)


def test_of_one_share_each_it_is_the_t_interval() -> None:
    differences = np.random.default_rng(0).normal(0.3, 1, size=20) / 100
    found = score_interval(Contributions.of(differences, np.full(20, 1 / 20)), 0.05)
    expected = ttest_1samp(20 * differences, 0).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.method == "score"


@pytest.mark.parametrize("seed", range(6))
def test_zero_is_inside_wherever_the_sign_flips_do_not_reject(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(40):
        differences = rng.exponential(size=7) * rng.choice([-1, 1, 1, 1], size=7) / 10
        found = Contributions.of(differences, np.full(7, 1 / 7))
        interval = score_interval(found, 0.05)
        assert interval is not None
        if sign_flip_p(found) > 0.05:
            assert interval.low <= 0 <= interval.high


def test_there_is_none_without_a_difference_or_of_two_patients() -> None:
    assert score_interval(Contributions.of(np.zeros(9), np.full(9, 1 / 9)), 0.05) is None
    assert score_interval(Contributions.of(np.array([0.1, 0.2]), np.full(2, 1 / 2)), 0.05) is None


@pytest.mark.parametrize(
    ("differences", "sizes", "discordant", "expected"),
    [
        # A case a patient: none.
        ([1, -1, 0, 0], [1, 1, 1, 1], 2, 1.0),
        # Where nobody differs, as if all photographs of a patient were one.
        ([0, 0, 0], [4, 4, 4], 0, 4.0),
        # Two patients, all of whose five photographs differ, and the one who is thought to be there.
        ([5, -5, 0, 0], [5, 5, 5, 5], 10, 5.0),
        # One photograph each: (2 * 1 + 5) / 3.
        ([1, -1, 0, 0], [5, 5, 5, 5], 2, 7 / 3),
    ],
)
def test_several_photographs_of_a_patient_are_worth_less(differences, sizes, discordant, expected) -> None:
    found = design_effect(np.array(differences, dtype=float), np.array(sizes, dtype=float), discordant)
    assert found == pytest.approx(expected)
