"""Classifiers that are equally good are seldom called different, and one that is better is found: a small form."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from benchmarks.coverage import populations
from benchmarks.coverage.comparisons import comparison_alarms, comparison_misses, usual_alarms, with_gain
from benchmarks.coverage.false_alarms import GAIN, rates
from benchmarks.coverage.populations import population

DATA_SETS = 25


@pytest.mark.parametrize(("classes", "most", "data_sets"), [(3, 1, DATA_SETS), (5, 10, DATA_SETS), (13, 50, 10)])
def test_false_alarms_of_a_whole_table_are_few(classes: int, most: int, data_sets: int) -> None:
    of = population(classes, most, sameness=0.5)
    alarms = {name: share for name, (share, _) in rates(comparison_alarms, of, data_sets).items()}
    # At 5 %, three or fewer of 25 are 97 in 100 times, two or fewer of 10 are 99.
    assert max(alarms.values()) <= (3 if data_sets == DATA_SETS else 2) / data_sets, alarms


def test_the_usual_intervals_cry_wolf() -> None:
    usual = rates(partial(usual_alarms, draws=100), population(5, 10, sameness=0.5), 10)
    assert usual["any interval by class"][0] >= 0.3


def test_a_classifier_that_is_better_is_found() -> None:
    of = population(5, 10, sameness=0.5)
    found = {name: share for name, (share, _) in rates(partial(comparison_alarms, gain=GAIN), of, 10).items()}
    assert found["one test"] >= 0.8
    assert found["any overall interval"] >= 0.8


def test_a_gain_is_in_the_logit_of_the_true_class() -> None:
    table = population(3, 1).draw(np.random.default_rng(0), 2)
    better = with_gain(table, 1.0)
    cases = np.arange(len(table.labels))
    own, others = table.labels, (table.labels + 1) % 3
    ratios = [each.probabilities[1][cases, own] / each.probabilities[1][cases, others] for each in (table, better)]
    assert ratios[1] / ratios[0] == pytest.approx(np.e)
    assert better.probabilities[0] is table.probabilities[0]


def test_intervals_of_a_whole_table_hold_the_true_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(populations, "LARGE", 40_000)
    of = population(5, 1, sameness=0.25)
    missed = rates(partial(comparison_misses, gain=GAIN), of, DATA_SETS)
    assert set(missed) == {"any interval by class", "any overall interval"}
    assert max(share for share, _ in missed.values()) <= 3 / DATA_SETS, missed
