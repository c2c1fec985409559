"""One is said in the singular, none and several in the plural."""

from __future__ import annotations

import pytest

from derm_cli.nouns import counted


@pytest.mark.parametrize(("number", "shown"), [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (1200, "1200 epochs")])
def test_a_noun_agrees_with_its_number(number, shown):
    assert counted(number, "epoch") == shown
