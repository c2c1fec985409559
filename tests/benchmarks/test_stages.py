"""A stage from the store beside one that is trained: small, whole, and never timed here."""

from __future__ import annotations

from benchmarks import stages
from benchmarks.engine import Case

TINY = Case(backbone="tiny", weights=None, size=32, epochs=2, per_class=8, side=48, schedule="linear-probe")


def test_a_chain_with_a_known_beginning_is_set_beside_one_that_trains_it(tmp_path, tiny_in_derm):
    report = stages.measure(tmp_path, rounds=1, case=TINY)
    stored, trained = report.results["stored"][0], report.results["trained"][0]
    assert len(report.results["predictions"]) == 64
    assert len(stored["epochs"]) < len(trained["epochs"])
    assert "after synthetic-dermoscopy,synthetic-clinic" in report.text()
