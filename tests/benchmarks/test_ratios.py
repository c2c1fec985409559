"""The arithmetic of what ``make bench`` prints."""

from __future__ import annotations

import pytest

from benchmarks.ratios import Spread, in_turns, ratio


def test_a_spread_is_the_least_the_middle_and_the_greatest():
    spread = Spread.of([4.0, 1.0, 2.0])
    assert spread == Spread(1.0, 2.0, 4.0)
    assert spread.text() == "2.00 (1.00..4.00)"
    assert spread.text(0) == "2 (1..4)"


def test_a_ratio_is_taken_round_by_round():
    # A machine that becomes ten times slower in the second round changes nothing.
    assert ratio([3.0, 30.0], [2.0, 20.0]) == Spread(1.5, 1.5, 1.5)
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])


def test_both_sides_take_turns():
    called = []
    results = in_turns(3, [lambda: called.append("a"), lambda: called.append("b")])
    assert "".join(called) == "ababab"
    assert results == [[None] * 3, [None] * 3]
