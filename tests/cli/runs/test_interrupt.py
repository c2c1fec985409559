"""``derm runs interrupt``."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import Process


def test_one_is_interrupted_when_that_is_confirmed(two):
    place, first, _ = two
    run = RunFolder(place.runs / first)
    run.write(replace(run.record, status="running", process=Process("elsewhere", 7, "1234")))
    place.derm("runs", "interrupt", first, exit_status=1)
    assert run.status == "running"
    output = place.derm("runs", "interrupt", first, "--yes").stdout
    assert output == f"Run {first} is interrupted: go on with 'derm train --resume {first}'.\n"
    assert run.status == "interrupted"
    assert "is interrupted, not running" in place.refused("runs", "interrupt", first, "--yes")
