"""Gaps within the classes that both sides have: by hand, and with the quantiles of chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from derm_cli.evaluation.metrics.gaps import gap_of


def cases(*groups: tuple[bool, int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return who is inside, the classes and who is right, of groups: inside, class, right ones, wrong ones."""
    inside = np.concatenate([[each[0]] * (each[2] + each[3]) for each in groups])
    truth = np.concatenate([[each[1]] * (each[2] + each[3]) for each in groups])
    right = np.concatenate([[True] * each[2] + [False] * each[3] for each in groups])
    return inside.astype(bool), truth.astype(np.intp), right


def test_it_is_the_mean_of_the_differences_in_shared_classes() -> None:
    """A class that one side alone has is of no matter, however badly it is recognised."""
    inside, truth, right = cases(
        (True, 0, 8, 2), (False, 0, 20, 20), (True, 1, 3, 3), (False, 1, 9, 1), (True, 2, 0, 90)
    )
    gap = gap_of(inside, truth, right, np.arange(len(truth)), 3)
    assert gap is not None
    assert gap.classes == 2
    assert gap.value == pytest.approx(((0.8 - 0.5) + (0.5 - 0.9)) / 2)
    # What patients add is the gap too, but for the half case that keeps chance off 0 and 1.
    assert gap.column.sum() == pytest.approx(gap.value)


def test_its_chance_is_that_of_dividing_the_right_ones_anew() -> None:
    """Of 60 of a class 54 are right; 12 are inside.  Variance, skewness and quantiles of a draw without replacement."""
    inside, truth, right = cases((True, 0, 11, 1), (False, 0, 43, 5))
    gap = gap_of(inside, truth, right, np.arange(60), 1)
    assert gap is not None
    mean, variance, skewness = (float(each) for each in hypergeom(60, 54, 12).stats("mvs"))
    scale = 1 / 12 + 1 / 48
    assert mean == pytest.approx(10.8)
    assert gap.variance == pytest.approx(variance * scale**2, rel=0.05)
    assert gap.skewness == pytest.approx(skewness, rel=0.2)
    assert gap.skewness < -0.2
    interval = gap.interval(0.05)
    # Chance makes a subgroup much worse more often than much better: so little is a gap above.
    assert interval.high - gap.value > gap.value - interval.low


def test_five_patients_a_side_make_a_class_and_photographs_do_not() -> None:
    inside, truth, right = cases((True, 0, 6, 2), (False, 0, 20, 20))
    few = np.concatenate([np.arange(8) // 2, 8 + np.arange(40)])
    assert gap_of(inside, truth, right, few, 1) is None
    assert gap_of(inside, truth, right, np.arange(48), 1) is not None
    assert gap_of(inside, truth, right, np.concatenate([np.arange(8), 8 + np.arange(40) // 10]), 1) is None


def test_photographs_of_one_patient_count_for_less() -> None:
    inside, truth, right = cases((True, 0, 30, 30), (False, 0, 120, 120))
    order = np.arange(300) // 6
    alone, together = (gap_of(inside, truth, right, each, 1) for each in (np.arange(300), order))
    assert alone is not None
    assert together is not None
    assert together.value == alone.value
    assert together.variance / alone.variance == pytest.approx(6, rel=0.01)
    assert together.interval(0.05).high > alone.interval(0.05).high


def test_where_all_are_right_the_gap_still_has_an_interval() -> None:
    gap = gap_of(*cases((True, 0, 20, 0), (False, 0, 50, 0)), np.arange(70), 1)
    assert gap is not None
    assert gap.value == 0
    assert gap.interval(0.05).low < 0 < gap.interval(0.05).high
