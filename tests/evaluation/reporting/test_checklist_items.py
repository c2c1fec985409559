"""The checklist has each of the 44 items once, and says who fills it."""

from __future__ import annotations

import re

from derm_cli.evaluation.reporting.checklist_items import BY_AUTHORS, BY_DERM, IN_PART, ITEMS, as_markdown


def test_each_item_has_its_number_and_says_who_fills_it() -> None:
    text = as_markdown("Run x", {9: "224 pixels", 21: "44 photographs", 44: "nobody"})
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| \d", line)]
    assert [int(row[0]) for row in rows] == list(range(1, 45))
    assert sum(map(len, ITEMS.values())) == 44
    assert {int(row[0]) for row in rows if row[3] == BY_DERM} == {9, 44}
    assert {int(row[0]) for row in rows if row[3] == IN_PART} == {21}
    assert sum(BY_AUTHORS in row[3] for row in rows) == 41
    assert rows[8][1:] == ["Methods: data", "preprocessing", BY_DERM, "224 pixels"]
    assert "3 of 44 items" in text
    assert "e240300" in text


def test_items_stand_under_the_numbers_of_their_source() -> None:
    """Some that are easily mixed up: what each number asks for, and in which part of a paper."""
    numbered = [(part, item) for part, items in ITEMS.items() for item in items]
    for number, part, word in (
        (7, "Methods: data", "come from"),
        (14, "Methods: reference standard", "true"),
        (20, "Methods: partitions", "in common"),
        (21, "Methods: testing data", "test set"),
        (27, "Methods: training", "ensembles"),
        (33, "Methods: evaluation", "external"),
        (35, "Results: data", "excluded"),
        (39, "Results: model", "failures"),
        (44, "Other information", "funding"),
    ):
        assert numbered[number - 1][0] == part
        assert word in numbered[number - 1][1]


def test_names_are_text() -> None:
    text = as_markdown("Run <x>", {7: "a|b\n<script>`*_[c](d)"})
    (row,) = (line for line in text.splitlines() if line.startswith("| 7 |"))
    assert r"a\|b\\n\<script\>\`\*\_\[c\](d)" in row
    assert r"# CLAIM 2024: Run \<x\>" in text
