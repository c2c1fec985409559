"""The process of a unit of work: it trains, says how far it is, and writes what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.engine.stopping import Stopped
from derm_cli.errors import DermError, Interrupted
from derm_cli.plugin import EpochReport, RunFacts, StageFacts, StudyFacts
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.executing import worker
from derm_cli.studies.executing.assignment import Assignment, Progress, UnitOutcome
from derm_cli.studies.executing.worker import carry_out_assignment
from derm_cli.workflows.training.request import TrainRequest
from tests.support.run_folders import PLAN, STAGE

REQUEST = TrainRequest.from_options(backbone="made", chain=("clinic",))


@pytest.fixture
def task(tmp_path) -> Assignment:
    settings = {name: str(tmp_path / name) for name in ("data", "runs", "cache")} | {"cache_limit": "3 GB"}
    return Assignment("0001", json.loads(json.dumps(REQUEST.to_json())), None, str(tmp_path / "stages" / "x"), settings)


@pytest.fixture
def trained(monkeypatch):
    """What was trained; ``error`` is what a training raises."""
    here = SimpleNamespace(requests=[], sessions=[], error=None, told=None)

    def take(session, request, *_):
        here.requests.append(request)
        here.sessions.append(session)
        if here.told:
            here.told(session)
        if here.error:
            raise here.error
        return RunFolder(session.runs.root / "the-run"), False

    monkeypatch.setattr(worker, "take_or_train", take)
    return here


def test_what_is_asked_for_is_trained_in_the_folders_that_are_named(tmp_path, task, trained):
    assert carry_out_assignment(task, tmp_path) == UnitOutcome("finished", "the-run")
    (session,) = trained.sessions
    assert trained.requests == [REQUEST]
    assert session.runs.root == tmp_path / "runs"
    assert session.settings.cache_limit.value == "3 GB"


def test_plugins_are_told_of_which_study_and_row_it_is(tmp_path, task, trained):
    told = {"name": "s", "folder": str(tmp_path / "s"), "title": "Which"}
    for asked in (replace(task, study=told, row="first"), task):
        carry_out_assignment(asked, tmp_path)
    assert [(each.study, each.row) for each in trained.sessions] == [
        (StudyFacts(name="s", folder=tmp_path / "s", title="Which"), "first"),
        (None, ""),
    ]


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (DermError("The class is too small."), "failed", "The class is too small."),
        (MemoryError("no more"), "failed", "MemoryError: no more"),
        (Interrupted("Run 'x' was stopped."), "interrupted", "Run 'x' was stopped."),
        (Stopped(15), "interrupted", "stopped by SIGTERM"),
        (KeyboardInterrupt(), "interrupted", "interrupted by the user"),
    ],
)
def test_what_stops_it_is_told(tmp_path, task, trained, error, status, reason):
    trained.error = error
    assert carry_out_assignment(task, tmp_path) == UnitOutcome(status, "", reason)


def test_how_far_it_is_is_told_and_which_run_it_was(tmp_path, task, trained):
    told = []
    plan = replace(PLAN, stages=(STAGE, replace(STAGE, name="second")))
    run = RunFacts(id="the-run", folder=tmp_path, plan=plan, synthetic=False)
    epoch = EpochReport(
        **dict.fromkeys(("loss", "accuracy", "seconds", "head_rate", "block_rate"), 0.0),
        stage=1,
        stage_name="second",
        phase=1,
        phase_name="top",
        epoch=0,
        epochs=2,
        images=4,
        first=True,
    )

    def tell(session):
        session.registry.tell("derm_run_started", run=run)
        told.append(Progress.read(tmp_path, "0001"))
        stage = StageFacts(index=1, stage=plan.stages[1], photographs={}, steps=1)
        session.registry.tell("derm_stage_started", run=run, stage=stage)
        told.append(Progress.read(tmp_path, "0001"))
        session.registry.tell("derm_epoch_ended", run=run, epoch=epoch, seconds_left=None)
        told.append(Progress.read(tmp_path, "0001"))

    trained.told, trained.error = tell, DermError("Not a number.")
    assert carry_out_assignment(task, tmp_path).run == "the-run"
    # Two stages of two phases of two epochs.
    assert told == [
        Progress("the-run", "", 0, 8),
        Progress("the-run", "second", 4, 8),
        Progress("the-run", "second", 7, 8, 1),
    ]


def test_a_beginning_is_trained_in_its_folder(tmp_path, task, monkeypatch):
    done = []

    def train_beginning(session, request, until, folder, *, outlines, patience):
        done.append((session.settings.cache_folder, request, until, folder.path, outlines, patience))

    monkeypatch.setattr(worker, "train_beginning", train_beginning)
    assert carry_out_assignment(replace(task, until=1, outlines=("e", "ed")), tmp_path) == UnitOutcome("finished")
    assert done == [(tmp_path / "cache", REQUEST, 1, tmp_path / "stages" / "x", ("e", "ed"), worker.PATIENCE)]


def test_an_assignment_is_read_as_it_was_written_and_nothing_of_an_earlier_process_is_left(tmp_path, task):
    UnitOutcome("failed", "", "before").write(tmp_path, "0001")
    Progress("r", "s", 1, 2).write(tmp_path, "0001")
    task = replace(task, users=("0002",), outlines=("e", "ed"))
    path = task.write(tmp_path)
    assert Assignment.read(path) == task
    assert UnitOutcome.read(tmp_path, "0001") is None
    assert Progress.read(tmp_path, "0001") is None


def test_a_damaged_outcome_is_told_of(tmp_path):
    (tmp_path / "0001.outcome.json").write_text("{")
    with pytest.raises(DermError, match=r"cannot be read .*: remove it, and 'derm study resume' again"):
        UnitOutcome.read(tmp_path, "0001")


WAITING = """
import sys, time
from derm_cli.studies.executing import worker
from derm_cli.studies.executing.assignment import UnitOutcome

def wait(*_):
    print("waiting", flush=True)
    time.sleep(60)

worker.take_or_train = wait
sys.exit(worker.serve(sys.argv[1]))
"""


def test_it_stops_once_its_standard_input_ends_and_says_so(tmp_path, task):
    """Who began it may be killed, and says nothing then."""
    path = task.write(tmp_path / "work")
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
    )
    assert process.stdout.readline() == "waiting\n"
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()
    assert json.loads((tmp_path / "work" / "0001.outcome.json").read_text()) == {
        "status": "interrupted",
        "run": "",
        "reason": "stopped by SIGTERM",
    }
