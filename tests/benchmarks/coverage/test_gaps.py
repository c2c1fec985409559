"""Subgroups that are served equally well are seldom told to have a gap, and a real gap is found: a small form."""

from __future__ import annotations

from functools import partial

import pytest

from benchmarks.coverage.false_alarms import GAP, rates
from benchmarks.coverage.gaps import gap_alarms, usual_alarms
from benchmarks.coverage.populations import population

DATA_SETS = 30


@pytest.mark.parametrize(("classes", "most"), [(3, 1), (5, 10)])
def test_hardly_any_subgroup_is_told_where_all_are_served_alike(classes: int, most: int) -> None:
    of = population(classes, most, sameness=0.5)
    alarms = {name: share for name, (share, _) in rates(gap_alarms, of, DATA_SETS).items()}
    assert max(alarms.values()) <= 3 / DATA_SETS, alarms
    usual = {name: share for name, (share, _) in rates(partial(usual_alarms, draws=100), of, 10).items()}
    assert usual["any subgroup"] >= 0.3


def test_a_real_gap_is_found() -> None:
    found = rates(partial(gap_alarms, gap=GAP), population(5, 1), 10)
    assert found["men"][0] >= 0.8
