"""``derm runs remove``."""

from __future__ import annotations


def test_one_is_removed_when_that_is_confirmed(two):
    place, first, second = two
    place.derm("runs", "choose", second)
    place.derm("runs", "remove", second, exit_status=1)
    assert (place.runs / second).exists()
    place.derm("runs", "remove", second, "--yes")
    assert not (place.runs / second).exists()
    assert [line["id"] for line in place.json("runs", "list")] == [first]
    assert f"Run {first}" in place.derm("evaluate").stdout
