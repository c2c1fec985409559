"""Studies are planned and reported on, small and whole."""

from __future__ import annotations

import pytest

from benchmarks import studies
from benchmarks.studies import Case, measure

SMALL = Case(rows=5, images=150, cases=40, classes=3)


def test_a_study_is_planned_and_reported_on(tmp_path):
    report = measure(tmp_path, rounds=1, case=SMALL)
    (table,) = report.tables
    assert [row[0] for row in table.rows] == ["plan", "report"]
    assert all(seconds[0] > 0 for seconds in report.results["seconds"].values())
    assert report.notes == []


@pytest.mark.parametrize("limit", ["PLAN_LIMIT", "REPORT_LIMIT"])
def test_what_takes_too_long_is_told(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(studies, limit, 0.0)
    monkeypatch.setattr(studies, "_plan", lambda *_: studies.time.sleep(0.1))
    monkeypatch.setattr(studies, "_report", lambda *_: studies.time.sleep(0.1))
    (note,) = measure(tmp_path, rounds=1, case=SMALL).notes
    assert note.startswith("SLOW: to ")
