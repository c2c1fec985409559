"""What a run tells of itself while it goes on."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.plan import Phase, Plan, Preprocessing, Stage
from derm_cli.plugin import EpochReport, LesionClass, RunFacts, StageFacts
from derm_trackers import progress
from tests.support.terminal import on_a_terminal

CLASSES = (LesionClass(name="MEL", title="melanoma"), LesionClass(name="NEV", title="nevus"))
PHASES = tuple(Phase(name=f"phase-{n}", blocks=(), epochs=n, head_rate=1e-4, block_rate=1e-5) for n in (2, 3))
STAGE = Stage(name="clinic", datasets=("clinic",), classes=CLASSES, phases=PHASES)
PLAN = Plan(backbone="made", weights=None, target="clinic", stages=(STAGE,), preprocessing=Preprocessing(size=32))


def epoch(phase: int, number: int) -> EpochReport:
    return EpochReport(
        stage=0,
        stage_name="clinic",
        phase=phase,
        phase_name=PHASES[phase].name,
        epoch=number,
        epochs=PHASES[phase].epochs,
        loss=0.5,
        accuracy=0.25,
        images=120,
        seconds=60.0,
        head_rate=1e-4,
        block_rate=1e-5,
        first=number == 0,
    )


@pytest.fixture
def run(tmp_path):
    return RunFacts(id="a-run", folder=tmp_path, plan=PLAN, synthetic=True)


@pytest.mark.parametrize(
    ("phase", "number", "left"), [(0, 0, "4:00"), (0, 1, "3:00"), (1, 0, "2:00"), (1, 1, "1:00"), (1, 2, "0:00")]
)
def test_the_time_left_is_that_of_the_stage_s_epochs_that_are_left(run, phase, number, left):
    progress.derm_epoch_ended(run=run, epoch=epoch(phase, number))
    (line,) = (run.folder / "log").read_text().splitlines()
    assert line.endswith(f"1:00, {left} left in the stage")
    assert f"phase {phase + 1}/2 phase-{phase + 2}" in line
    assert f"epoch {number + 1}/{phase + 2}  loss 0.500  accuracy 25.0%      2 images/s" in line


def test_without_a_terminal_it_says_once_where_the_log_is(run, capsys):
    progress.derm_run_started(run=run)
    photographs = {"MEL": 3, "NEV": 1}
    progress.derm_stage_started(run=run, stage=StageFacts(index=0, stage=STAGE, photographs=photographs, steps=1))
    progress.derm_epoch_ended(run=run, epoch=epoch(0, 0))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"Run a-run has begun: follow it in {run.folder / 'log'}\n"
    assert (run.folder / "log").read_text().splitlines()[0] == (
        "Stage 1 of 1: clinic (synthetic photographs), 4 photographs in 2 classes, 1 step an epoch, 2 phases"
    )


def test_names_of_stages_and_phases_command_no_terminal_and_make_no_line(run):
    named = replace(STAGE, name="\x1b[2Jclinic\n\u202e")
    progress.derm_stage_started(run=run, stage=StageFacts(index=0, stage=named, photographs={"MEL": 3}, steps=1))
    progress.derm_epoch_ended(run=run, epoch=replace(epoch(0, 0), phase_name="\x9b2J\r"))
    lines = (run.folder / "log").read_text(encoding="utf-8").splitlines()
    assert [line.isprintable() for line in lines] == [True, True]
    assert "\\x1b[2Jclinic\\n\\u202e" in lines[0]
    assert "\\x9b2J\\r" in lines[1]


def test_on_a_terminal_a_training_shows_a_bar_an_epoch_and_a_line_after_it(tmp_path):
    command = ["train", "--backbone", "effnet-lite0", "--size", "32", "--epochs", "1", "--schedule", "linear-probe"]
    places = {f"DERM_{name.upper()}": str(tmp_path / name) for name in ("data", "runs", "cache")}
    derm = Path(sys.executable).with_name("derm")
    shown = on_a_terminal([derm, *command, "--chain", "synthetic-phone"], places)
    for bar in ("Drawing synthetic-phone", "Reading synthetic-phone", "synthetic-phone, head, epoch 1"):
        assert re.search(rf"{bar}: +\d+%", shown), shown
    assert "phase 1/1 head           epoch 1/1  loss " in shown
    (log,) = (tmp_path / "runs").glob("*/log")
    words = " ".join(shown.split())
    for line in log.read_text().splitlines():
        # A warning has no time on the terminal, and may be wrapped there.
        told = line.partition(" ")[2] if " Warning: " in line else line
        assert " ".join(told.split()) in words
