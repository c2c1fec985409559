"""Packing is measured against a plain loop: small, whole, and never timed here."""

from __future__ import annotations

from benchmarks import packing


def test_packing_is_compared_with_a_plain_loop_on_the_same_files(tmp_path):
    report = packing.measure(tmp_path, rounds=2, cases=(packing.Case("tiny", side=48, per_class=1),))
    seconds = report.results["tiny"]["seconds"]
    assert list(seconds) == [row[0] for row in report.tables[0].rows] == list(packing._Comparison.NAMES)
    assert all(len(each) == 2 for each in seconds.values())
    assert "6 synthetic photographs of 48x48, tiny" in report.text()
