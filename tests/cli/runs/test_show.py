"""``derm runs show``."""

from __future__ import annotations


def test_one_is_shown(two):
    place, first, _ = two
    shown = place.json("runs", "show", first)
    assert shown["request"]["chain"] == ["imagenet", "pad-ufes-20"]
    assert shown["evaluation"]["per_class"]["MEL"]["support"] > 0
    assert "head_rate" in place.derm("runs", "show", first).stdout
