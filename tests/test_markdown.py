"""Markdown tables: columns to the right, and bars that stay in their cells."""

from __future__ import annotations

import pytest

from derm_cli.markdown import markdown_table


@pytest.mark.parametrize(
    ("right", "rule"), [((), "| --- | --- |"), ((1,), "| --- | ---: |"), (range(2), "| ---: | ---: |")]
)
def test_a_table_has_a_rule_below_its_header(right, rule):
    table = markdown_table(["class", "n"], [["MEL", 5], ["NV", None]], right)
    assert table.splitlines() == ["| class | n |", rule, "| MEL | 5 |", "| NV | None |"]


@pytest.mark.parametrize(("cell", "shown"), [("a|b", r"a\|b"), ("|", r"\|"), ("||", r"\|\|"), (r"a\|b", r"a\|b")])
def test_a_bar_in_a_cell_ends_no_cell(cell, shown):
    assert markdown_table(["a"], [[cell]]).splitlines()[-1] == f"| {shown} |"


def test_a_table_without_rows_is_its_header():
    assert markdown_table(["a", "b"], []) == "| a | b |\n| --- | --- |"
