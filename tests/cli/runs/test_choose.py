"""``derm runs choose``."""

from __future__ import annotations


def test_the_latest_is_the_default_until_one_is_chosen(two):
    place, first, second = two
    assert f"Run {second}" in place.derm("evaluate").stdout
    place.derm("runs", "choose", first[:17])
    assert f"Run {first}" in place.derm("evaluate").stdout
    assert [line["chosen"] for line in place.json("runs", "list")] == [True, False]
