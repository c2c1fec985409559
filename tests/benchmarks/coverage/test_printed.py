"""Every interval of evaluation.json is one that a simulation looks at."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coverage import populations, printed
from benchmarks.coverage.populations import population
from benchmarks.coverage.printed import OTHERWISE, coverage, judged, of_table, placed_in

ROWS = {
    "coarse": {"accuracy", "balanced_accuracy", "kappa", "per_class.sensitivity"},
    "triage": {
        "without_indeterminate.auc",
        "without_indeterminate.points.sensitivity",
        "with_indeterminate.points.npv",
    },
    "referral": {"now.malignant", "soon.benign", "no.malignant"},
    "calibration": {"brier", "log_loss", "bins.accuracy"},
    "conformal": {"coverage", "of a class", "by_class.coverage", "by_class.of a class"},
    "abstention": {"accuracy", "balanced_accuracy"},
    "slices": {"female.accuracy", "male.balanced_accuracy", "male.malignant_sensitivity"},
    "calibration_slope": {"per_class.slope", "malignant.intercept"},
    "partial_auc": {"per_class.partial_auc", "malignant.sensitivity"},
    "decision_curve": {"points.net_benefit", "points.refer_all", "points.gain"},
    "expected_cost": {"rules.predicted.cost", "rules.least cost.cost", "rules.one answer.cost"},
    "repeated_photographs": {"patient.ways.mean.accuracy", "patient.ways.worst.sensitivity"},
    "predictive_values": {"ppv", "malignant.npv"},
}
"""Rows that each part of evaluation.json has, without the part's name."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(populations, "LARGE", 30_000)
    monkeypatch.setattr(printed, "REPEATED", 30_000)


@pytest.mark.usefixtures("small")
def test_every_interval_has_a_row_and_holds() -> None:
    tallies = coverage(population(5, 10, sameness=0.5), 6, 0, draws=100)
    for part, rows in ROWS.items():
        assert {f"{part}.{row}" for row in rows} <= set(tallies), part
    assert {name.partition(".")[0] for name in tallies} == set(ROWS)
    # Pooled, since six tables tell little of a row: one in which most miss would be wrongly matched with its truth.
    assert sum(each.held for each in tallies.values()) > 0.9 * sum(each.given for each in tallies.values())
    assert not {name: each.cell() for name, each in tallies.items() if each.given >= 6 and each.share < 0.5}


def test_no_interval_is_left_out() -> None:
    """As many are placed as evaluation.json has lists of two ends and a method, but for those of other simulations."""
    of = population(5, 10, sameness=0.5)
    drawn = replace(of, photographs=900).draw(np.random.default_rng(3))
    values = judged(of_table(drawn), of, 20).to_json()

    def count(each: object, *, top: bool = False) -> int:
        if isinstance(each, dict):
            skipped = {"intervals", *OTHERWISE} if top else {"promise", "promises", "refused", "gap_interval"}
            return sum(count(own) for key, own in each.items() if key not in skipped)
        if isinstance(each, list) and [*map(type, each)] == [float, float, str]:
            return 1
        return sum(map(count, each)) if isinstance(each, list) else 0

    placed = [each for each in placed_in(values) if each.interval is not None]
    assert len(placed) == count(json.loads(json.dumps(values)), top=True) > 250


def test_an_interval_of_nothing_known_is_refused() -> None:
    with pytest.raises(KeyError, match="surprise"):
        list(placed_in({"new": {"intervals": {"surprise": [0.1, 0.2, "wilson"]}}}))
