"""Quantiles are SciPy's, computed once."""

from __future__ import annotations

import pytest
from scipy import stats

from derm_cli.evaluation.intervals.quantiles import normal_quantile, student_quantile


@pytest.mark.parametrize("probability", [0.025, 0.5, 0.975, 1 - 0.05 / 40])
def test_they_are_scipy_s_to_the_last_bit(probability):
    assert normal_quantile(probability) == float(stats.norm.ppf(probability))
    for freedom in (1.5, 9, 99.25):
        assert student_quantile(probability, freedom) == float(stats.t.ppf(probability, freedom))


def test_each_is_computed_once(monkeypatch):
    normal_quantile(0.9)
    monkeypatch.setattr(stats.norm, "ppf", None)
    assert normal_quantile(0.9) == pytest.approx(1.2816, abs=1e-4)
