"""``derm runs show``."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import ArtefactRecord, RunStop
from tests.support.run_folders import make_run


def test_the_options_of_an_artefact_are_shown_beside_its_file(place):
    (place.root / "none.keras").touch()
    run = make_run(place.runs, "20260102-101112-abcd", place.root / "none.keras")
    plain = ArtefactRecord("made", "artefacts/model.made", 9, 3, 0.0, 1.0)
    chosen = replace(plain, path="artefacts/model-level-9.made", options={"level": 9, "small": True})
    run.write(replace(run.record, artefacts={"made": plain, "made:level=9": chosen}))
    printed = place.derm("runs", "show", run.id).stdout
    assert "artefacts/model-level-9.made (level 9, small True)" in " ".join(printed.split())
    assert place.json("runs", "show", run.id)["artefacts"]["made:level=9"]["options"] == {"level": 9, "small": True}


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
