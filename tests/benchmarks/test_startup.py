"""The table of start-up times."""

from __future__ import annotations

from benchmarks.startup import _table


def test_the_startup_table_says_where_a_target_is_missed():
    seconds = {("the least", 0): [0.1, 0.1], ("derm --help", 0): [0.16, 0.16], ("derm --help", 50): [0.2, 0.2]}
    rows = _table(seconds, 2).rows
    assert [row[-1] for row in rows] == ["", "NO", "yes"]
    assert [row[3] for row in rows] == ["1", "1.60 (1.60..1.60)", "2.00 (2.00..2.00)"]
