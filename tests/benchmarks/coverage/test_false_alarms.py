"""The tables of false alarms: shares with their standard error, a column for each population."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.coverage.false_alarms import alarm_table, rates
from benchmarks.coverage.forms import Form
from benchmarks.coverage.populations import Population, population


def drawn(of: Population, generator: np.random.Generator) -> dict[str, bool]:
    return {"seldom": bool(generator.random() < 0.2), "never": False}


def test_a_rate_has_the_error_of_its_simulation() -> None:
    found = rates(drawn, population(3, 1), 400)
    share, error = found["seldom"]
    assert share == pytest.approx(0.2, abs=0.06)
    assert error == pytest.approx(np.sqrt(share * (1 - share) / 400))
    assert found["never"].tolist() == [0, 0]
    assert rates(drawn, population(3, 1), 400)["seldom"].tolist() == found["seldom"].tolist()


def test_a_table_has_a_column_for_each_population() -> None:
    table = alarm_table("false alarms, %", drawn, Form(10, (5,)))
    assert table.headers == [
        "",
        *(f"5 classes, {each}" for each in ("1 a patient", "1–10 a patient", "1–50 a patient")),
    ]
    assert [row[0] for row in table.rows] == ["seldom", "never"]
    assert table.rows[1] == ["never", "0.0 ± 0.0", "0.0 ± 0.0", "0.0 ± 0.0"]
