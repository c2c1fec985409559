"""The text of a differential diagnosis is read, never run, whatever stands in it."""

from __future__ import annotations

import random
import time

import pytest

from derm_datasets.differential import LONGEST, leading_conditions, parse_differential


def test_a_differential_is_read():
    assert parse_differential("{'Eczema': 0.67, \"Darier's disease\": 1}") == {"Eczema": 0.67, "Darier's disease": 1.0}
    assert parse_differential("{}") == {}


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "None", "[]", "('Eczema', 1)", "{'Eczema'}", "{'Eczema': None}", "{'Eczema': -1}", "{'Eczema': 0}"),
        *("{'Eczema': 1j}", "{'Eczema': float('nan')}", "{'Eczema': 1e999}", "{'Eczema': True}", "{'': 1}", "{1: 1}"),
        *(
            "{b'Eczema': 1}",
            "{[]: 1}",
            "{{}: 1}",
            "{'a': 1}is",
            "\0",
            "{'\\d': 1",
            "{'\\N{no}': 1}",
            "{'a': " + "9" * 5000,
        ),
        *("(" * 9999, "-" * 9999 + "1", "{'a':" * 1500, "~" * 9999, "lambda:" * 1400, "a." * 4000, "not " * 2000),
        *("'" * 9999, '"""' * 3000, "{'a': 1}" + "\n" * LONGEST, "{**{}}", "f'{1}'", "__import__('os').abort()"),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_differential_is_none_at_once(text):
    started = time.monotonic()
    assert parse_differential(text) is None
    assert time.monotonic() - started < 1


def test_a_strange_escape_warns_nobody():
    # Warnings are errors in these tests.
    assert parse_differential(r"{'a\d': 1}") == {r"a\d": 1.0}


def test_mutated_texts_end_well():
    """A made corpus: thousands of texts that are one, two or many characters away from a real one."""
    chance = random.Random(0)
    text = "{'Eczema': 0.41, 'Stasis Dermatitis': 0.41, 'Lichen planus/lichenoid eruption': 0.18}"
    letters = "{}[]()'\"\\:,.0123456789eE+-*~#\n\0 axNj_\u00e9\U0001f600"
    for _ in range(5000):
        mutated = list(text)
        for _ in range(chance.choice((1, 2, 40))):
            mutated[chance.randrange(len(mutated))] = chance.choice(letters)
        found = parse_differential("".join(mutated))
        assert found is None or all(isinstance(name, str) and weight > 0 for name, weight in found.items())


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, ()),
        ({"a": 0.2}, ("a",)),
        ({"a": 0.2, "b": 0.8}, ("b",)),
        ({"a": 0.4, "b": 0.4, "c": 0.2}, ("a", "b")),
        ({"a": 0.1 + 0.2, "b": 0.3}, ("a", "b")),
    ],
)
def test_the_leaders_are_those_that_nothing_outweighs(found, expected):
    assert leading_conditions(found) == expected
