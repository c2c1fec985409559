"""``derm runs list``."""

from __future__ import annotations


def test_they_are_listed_the_oldest_first(two):
    place, first, second = two
    lines = place.json("runs", "list")
    assert [line["id"] for line in lines] == [first, second]
    assert {line["status"] for line in lines} == {"finished"}
    assert "effnet-lite0" in place.derm("runs").stdout


def test_no_runs_say_so(place):
    assert "There are no runs" in place.derm("runs").stdout
    assert place.json("runs", "list") == []


def test_a_damaged_record_hides_no_other_run(two):
    place, first, second = two
    (place.runs / first / "run.json").write_text("{")
    lines = place.json("runs", "list")
    assert [line["status"] for line in lines] == ["damaged", "finished"]
    assert f"Run {second}" in place.derm("evaluate").stdout
