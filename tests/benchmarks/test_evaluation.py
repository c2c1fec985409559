"""A table is judged and compared, small and whole."""

from __future__ import annotations

from benchmarks.evaluation import Case, measure


def test_a_table_is_judged_by_derm_and_by_a_loop(tmp_path):
    report = measure(tmp_path, rounds=1, case=Case(cases=400, classes=4, draws=20))
    (table,) = report.tables
    assert "synthetic" in table.title
    assert [row[0] for row in table.rows] == list(report.results["seconds"])
    assert all(seconds[0] > 0 for seconds in report.results["seconds"].values())
    assert "times 10" in report.notes[0]
