"""Tallies, and tables of them in Markdown."""

import math

import pytest

from benchmarks.coverage.tallies import Tally, markdown, table_of


def test_a_tally_tells_what_held_of_what_was_given_with_its_error() -> None:
    tally = Tally()
    for held in [True] * 90 + [False] * 10 + [None] * 25:
        tally.count(held)
    assert (tally.asked, tally.given, tally.held, tally.share) == (125, 100, 90, 0.9)
    assert tally.error == pytest.approx(math.sqrt(92 / 104 * 12 / 104 / 104))
    assert tally.cell() == "90.0 ± 3.1, 20 none"
    assert Tally(3, 0, 0).cell() == "none"
    assert math.isnan(Tally().share)
    assert Tally(50, 50, 50).cell() == "100.0 ± 2.6"


def test_tables_are_markdown_with_the_columns_of_all_rows() -> None:
    table = table_of("Title", "row", {"one": {"a": Tally(4, 4, 4)}, "two": {"b": Tally(4, 4, 0)}})
    assert markdown(table).splitlines() == [
        *("**Title**", ""),
        *("| row | a | b |", "| --- | --- | --- |"),
        *("| one | 100.0 ± 15.3 |  |", "| two |  | 0.0 ± 15.3 |"),
    ]
