"""The simulation of thresholds in small: what derm promises is kept, and what it did before was not."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage import thresholds
from benchmarks.coverage.thresholds import part_of, threshold_of_the_same, threshold_tables, tried, with_error


@pytest.mark.parametrize(("most", "patients"), [(1, 24), (10, 16), (50, 8)])
def test_a_threshold_for_95_percent_reaches_them_on_average(
    most: int, patients: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.coverage.populations.LARGE", 60_000)
    found = tried(part_of(most, patients, (0, 1, 2)), (0, 1, 2), 0.95, 120, np.random.default_rng(most))
    assert len(found.reached) > 60
    error = found.reached.std() / np.sqrt(len(found.reached))
    assert found.reached.mean() > 0.95 - 2 * error
    assert found.before.mean() < 0.95 - 2 * found.before.std() / np.sqrt(120), "as it was chosen before"
    assert found.covered.mean() > 0.9


def test_the_threshold_of_before_by_hand() -> None:
    assert threshold_of_the_same(np.array([0.9, 0.8, 0.7, 0.6]), 0.75) == 0.7


def test_a_mean_stands_with_its_error() -> None:
    assert with_error(np.array([0.9, 1.0])) == "95.0 ± 5.0"
    assert with_error(np.array([0.9])) == "–"


def test_the_tables_have_a_row_for_each_kind_of_validation_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.coverage.populations.LARGE", 5_000)
    monkeypatch.setattr(thresholds, "PATIENTS", (10, 20))
    triage, sets = threshold_tables(3, 0, most=(1, 10))
    assert len(triage.rows) == 2 * 2 * 3
    assert len(sets.rows) == 2 * 2
    assert all(len(row) == len(table.headers) for table in (triage, sets) for row in table.rows)
    assert list(threshold_tables(3, 0, most=(1, 10))) == [triage, sets], "the seed gives the same again"
