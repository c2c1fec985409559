"""What a plugin may hand over for a number."""

from __future__ import annotations

import math

import pytest

from derm_cli.plugin.numbers import is_number


@pytest.mark.parametrize("value", [0, -3, 0.5, 1e300])
def test_finite_numbers_are_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize("value", [True, False, math.nan, math.inf, -math.inf, "1", None, [1]])
def test_nothing_else_is_one(value):
    assert not is_number(value)
