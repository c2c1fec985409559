"""One is said in the singular, none and several in the plural; of many names the first are told."""

from __future__ import annotations

import pytest

from derm_cli.nouns import counted, listed


@pytest.mark.parametrize(("number", "shown"), [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (1200, "1200 epochs")])
def test_a_noun_agrees_with_its_number(number, shown):
    assert counted(number, "epoch") == shown


@pytest.mark.parametrize(("names", "shown"), [("", ""), ("a", "a"), ("ab", "a, b"), ("abc", "a, b and 1 more")])
def test_of_many_names_the_first_are_told_and_how_many_are_not(names, shown):
    assert listed(names, 2) == shown
