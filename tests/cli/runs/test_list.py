"""``derm runs``: list, show, choose, remove."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def two(finished, tmp_path):
    """A place with two finished runs, the second a copy under another id, and their ids."""
    place, run = finished
    copy = type(place)(tmp_path / "place")
    shutil.copytree(place.root, copy.root)
    later = "29990101-000000-ffff"
    shutil.copytree(copy.runs / run, copy.runs / later)
    return copy, run, later


def test_they_are_listed_the_oldest_first(two):
    place, first, second = two
    lines = place.json("runs", "list")
    assert [line["id"] for line in lines] == [first, second]
    assert {line["status"] for line in lines} == {"finished"}
    assert "effnet-lite0" in place.derm("runs").stdout


def test_the_latest_is_the_default_until_one_is_chosen(two):
    place, first, second = two
    assert f"Run {second}" in place.derm("evaluate").stdout
    place.derm("runs", "choose", first[:17])
    assert f"Run {first}" in place.derm("evaluate").stdout
    assert [line["chosen"] for line in place.json("runs", "list")] == [True, False]


def test_one_is_shown(two):
    place, first, _ = two
    shown = place.json("runs", "show", first)
    assert shown["request"]["chain"] == ["imagenet", "pad-ufes-20"]
    assert shown["evaluation"]["per_class"]["MEL"]["support"] > 0
    assert "head_rate" in place.derm("runs", "show", first).stdout


def test_one_is_removed_when_that_is_confirmed(two):
    place, first, second = two
    place.derm("runs", "choose", second)
    place.derm("runs", "remove", second, exit_status=1)
    assert (place.runs / second).exists()
    place.derm("runs", "remove", second, "--yes")
    assert not (place.runs / second).exists()
    assert [line["id"] for line in place.json("runs", "list")] == [first]
    assert f"Run {first}" in place.derm("evaluate").stdout


def test_no_runs_say_so(place):
    assert "There are no runs" in place.derm("runs").stdout
    assert place.json("runs", "list") == []


def test_a_damaged_record_hides_no_other_run(two):
    place, first, second = two
    (place.runs / first / "run.json").write_text("{")
    lines = place.json("runs", "list")
    assert [line["status"] for line in lines] == ["damaged", "finished"]
    assert f"Run {second}" in place.derm("evaluate").stdout
