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
    ("seconds", "told"),
    [(0.2, "  0:00 left"), (61, "  1:01 left"), (3725, "  1:02:05 left"), (None, "  1:00")],
)
def test_an_epoch_s_line_ends_with_the_time_that_is_left_of_the_run(run, seconds, told):
    progress.derm_epoch_ended(run=run, epoch=epoch(1, 2), seconds_left=seconds)
    (line,) = (run.folder / "log").read_text().splitlines()
    assert line.endswith(told)
    assert line.startswith("  phase 2/2 phase-3  epoch 3/3  loss 0.500  accuracy 25.0%      2 images/s  1:00")


LONG = "head+block6+block5+block4"


@pytest.mark.parametrize(
    ("columns", "name", "there", "gone"),
    [
        (200, "head", ["accuracy 25.0%", "balanced", "2 images/s", "  1:00  "], []),
        (100, "head", ["accuracy 25.0%", "  1:00  "], ["balanced", "images/s"]),
        (80, "head", ["validation 40.0%", "12:34 left"], ["balanced", "images/s", "accuracy"]),
        (80, LONG, ["epoch 1/2", "validation 40.0%", "12:34 left", "head+block6"], ["accuracy", "  1:00  "]),
        (40, LONG, ["epoch 1/2", "head+blo "], ["images/s"]),
    ],
)
def test_an_epoch_s_line_fits_the_terminal(run, monkeypatch, capsys, columns, name, there, gone):
    """What matters least goes first; the log has all of it."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    phases = (replace(PHASES[0], name=name), PHASES[1])
    named = replace(run, plan=replace(PLAN, stages=(replace(STAGE, phases=phases),)))
    told = replace(epoch(0, 0), phase_name=name, validation_balanced_accuracy=0.4)
    progress.derm_epoch_ended(run=named, epoch=told, seconds_left=754)
    shown = capsys.readouterr().err.rstrip("\n")
    assert "\n" not in shown
    assert len(shown) <= columns or columns == 40
    assert [text for text in there if text not in shown] == []
    assert [text for text in gone if text in shown] == []
    assert "accuracy 25.0%" in (run.folder / "log").read_text()


def test_a_stage_s_line_is_wrapped_on_a_narrow_terminal(run, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress.derm_stage_started(run=run, stage=StageFacts(index=0, stage=STAGE, photographs={"MEL": 3}, steps=1))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 80


def test_without_a_terminal_it_says_once_where_the_log_is(run, capsys):
    progress.derm_run_started(run=run)
    photographs = {"MEL": 3, "NEV": 1}
    progress.derm_stage_started(run=run, stage=StageFacts(index=0, stage=STAGE, photographs=photographs, steps=1))
    progress.derm_epoch_ended(run=run, epoch=epoch(0, 0), seconds_left=None)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"Run a-run has begun: follow it in {run.folder / 'log'}\n"
    assert (run.folder / "log").read_text().splitlines()[0] == (
        "Stage 1 of 1: clinic (synthetic photographs), 4 photographs in 2 classes, 1 step an epoch, 2 phases"
    )


def test_names_of_stages_and_phases_command_no_terminal_and_make_no_line(run):
    named = replace(STAGE, name="\x1b[2Jclinic\n\u202e")
    progress.derm_stage_started(run=run, stage=StageFacts(index=0, stage=named, photographs={"MEL": 3}, steps=1))
    progress.derm_epoch_ended(run=run, epoch=replace(epoch(0, 0), phase_name="\x9b2J\r"), seconds_left=None)
    lines = (run.folder / "log").read_text(encoding="utf-8").splitlines()
    assert [line.isprintable() for line in lines] == [True, True]
    assert "\\x1b[2Jclinic\\n\\u202e" in lines[0]
    assert "\\x9b2J\\r" in lines[1]


def test_on_a_terminal_a_training_shows_what_it_does_and_how_far_it_is(tmp_path):
    """A bar for each epoch that moves with every step, what goes on where nothing is counted, and a line after it."""
    command = ["train", "--backbone", "effnet-lite0", "--size", "32", "--epochs", "1", "--schedule", "linear-probe"]
    places = {f"DERM_{name.upper()}": str(tmp_path / name) for name in ("data", "runs", "cache")}
    derm = Path(sys.executable).with_name("derm")
    shown = on_a_terminal([derm, *command, "--chain", "synthetic-phone"], places)
    for bar in ("Drawing synthetic-phone", "Reading synthetic-phone", "synthetic-phone, head, epoch 1/1"):
        assert re.search(rf"{bar}: +\d+%", shown), shown
    compiling = "synthetic-phone, head, epoch 1/1, compiling …"
    for activity in ("Starting tensorflow …", "Building the network …", compiling, "Evaluating …"):
        assert activity in shown
    # Several frames: steps are shown as they are taken, and not when their losses are fetched.
    steps = {int(each) for each in re.findall(r"synthetic-phone, head, epoch 1/1: +(\d+)%", shown)}
    assert any(0 < each < 100 for each in steps), shown
    assert re.search(r"  \d+:\d\d left\r?\n", shown), shown
    assert "phase 1/1 head  epoch 1/1  loss " in shown
    (log,) = (tmp_path / "runs").glob("*/log")
    # 'Warning:' has a colour.
    words = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", shown).split())
    for line in log.read_text().splitlines():
        # A warning has no time on the terminal, and may be wrapped there.
        told = line.partition(" ")[2] if " Warning: " in line else line
        assert " ".join(told.split()) in words
