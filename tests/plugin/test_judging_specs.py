"""A metric's spec checks its fields."""

from __future__ import annotations

import re

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import MetricSpec


def spec(**fields):
    return MetricSpec(**{"name": "own", "title": "Own", "compute": lambda cases: 0.5} | fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"compute": 0.5}, "field 'compute' is 0.5, but must be a function"),
        ({"better": "more"}, "field 'better' is 'more', but must be 'higher' or 'lower'"),
        ({"lowest": "0"}, "field 'lowest' is '0', but must be a number, or left out"),
        ({"highest": True}, "field 'highest' is True, but must be a number, or left out"),
        ({"lowest": 1, "highest": 0}, "field 'highest' is 0, but must be more than 'lowest', 1"),
        ({"unit": None}, "field 'unit' is None, but must be a text"),
        ({"decimals": -1}, "field 'decimals' is -1, but must be a whole number from 0 to 10"),
    ],
)
def test_a_wrong_field_is_named(fields, said):
    with pytest.raises(SpecError, match=re.escape(f"metric 'own': {said}")):
        spec(**fields)


@pytest.mark.parametrize(
    ("ends", "value", "is_in_range"),
    [
        ({}, 1e9, True),
        ({}, float("inf"), False),
        ({}, float("nan"), True),
        ({"lowest": 0}, -0.1, False),
        ({"lowest": 0, "highest": 1}, 1 + 1e-12, True),
        ({"highest": 1}, 1.01, False),
    ],
)
def test_the_range_is_held_to(ends, value, is_in_range):
    assert spec(**ends).is_in_range(value) == is_in_range
