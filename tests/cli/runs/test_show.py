"""``derm runs show``."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunStop


def test_one_is_shown(two):
    place, first, _ = two
    shown = place.json("runs", "show", first)
    assert shown["request"]["chain"] == ["imagenet", "pad-ufes-20"]
    assert shown["evaluation"]["per_class"]["MEL"]["support"] > 0
    assert "head_rate" in place.derm("runs", "show", first).stdout


def test_who_ended_a_run_early_and_why_is_shown(two):
    place, first, _ = two
    run = RunFolder(place.runs / first)
    record = run.record
    run.write(replace(record, stops=(RunStop("budget", "the hour is over", "run", 0, 1, 3),)))
    try:
        (stop,) = place.json("runs", "show", first)["stops"]
        shown = " ".join(place.derm("runs", "show", first).stdout.split())
    finally:
        run.write(record)
    assert stop == {"plugin": "budget", "reason": "the hour is over", "ends": "run", "stage": 0, "phase": 1, "epoch": 3}
    assert "ended early by 'budget' the run, after epoch 3 of phase 2 of stage 1: the hour is over" in shown
