"""How a benchmark's outcome is printed."""

from __future__ import annotations

from benchmarks.report import Report, Table


def test_a_report_prints_tables_then_notes():
    report = Report([Table("One", ["name", "n"], [["a", 1]])], ["A note."])
    assert report.text() == "One\n\nname  n\n----  -\na     1\n\nA note."
