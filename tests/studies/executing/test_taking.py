"""A training that is asked for once is taken, gone on with, or begun."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import Process, RunRecord
from derm_cli.runs.runs import Runs
from derm_cli.studies.executing import taking
from derm_cli.studies.executing.taking import EarlierRuns, InTraining, request_locked, take_or_train
from derm_cli.workflows.training.request import TrainRequest

REQUEST = TrainRequest.from_options(backbone="made", chain=("clinic",))


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session whose trainings are noted alone."""
    here = SimpleNamespace(runs=Runs(tmp_path / "runs"), done=[])
    monkeypatch.setattr(taking, "train", lambda *_: here.done.append("trained") or RunFolder(tmp_path / "new"))
    monkeypatch.setattr(taking, "resume", lambda _, run: here.done.append(f"resumed {run.id}") or run)
    monkeypatch.setattr(EarlierRuns, "_has_same_data", lambda *_: True)
    return here


def made(session, name, status, request=REQUEST) -> None:
    RunFolder(session.runs.root / name).write(
        RunRecord(status=status, request=request.to_json(), process=Process("elsewhere", 7, "1"))
    )


@pytest.mark.parametrize(
    ("statuses", "done", "run", "was_there"),
    [
        ([], ["trained"], "new", False),
        (["finished"], [], "0", True),
        (["finished", "finished"], [], "1", True),
        (["interrupted"], ["resumed 0"], "0", False),
        (["failed"], ["resumed 0"], "0", False),
        (["running", "finished"], [], "1", True),
    ],
)
def test_what_was_trained_is_taken_and_what_was_begun_is_gone_on_with(session, statuses, done, run, was_there):
    for number, status in enumerate(statuses):
        made(session, f"{number}", status)
    found, there = take_or_train(session, REQUEST, EarlierRuns(session))
    assert (session.done, found.id, there) == (done, run, was_there)


def test_runs_of_other_requests_are_left_alone(session):
    made(session, "0", "finished", TrainRequest.from_options(backbone="made", chain=("clinic",), seed=1))
    take_or_train(session, REQUEST, EarlierRuns(session))
    assert session.done == ["trained"]


def test_what_another_process_trains_is_left_to_it(session):
    made(session, "0", "running")
    with pytest.raises(InTraining, match="run '0' is being trained for it by process 7 on 'elsewhere'"):
        take_or_train(session, REQUEST, EarlierRuns(session))
    with request_locked(session, REQUEST), pytest.raises(InTraining, match="another process trains it"):
        take_or_train(session, REQUEST, EarlierRuns(session))
    assert session.done == []


def test_the_answers_that_a_plan_takes_are_part_of_its_data(tmp_path, monkeypatch):
    told = []
    ingested = SimpleNamespace(fingerprint=lambda fields: told.append(fields) or "hash")
    plan = SimpleNamespace(metadata=("age",), target="clinic", preprocessing=None)
    prepared = SimpleNamespace(plan=plan, records={"edra": None, "clinic": None}, vectors=None)
    monkeypatch.setattr(taking, "prepare", lambda *_: prepared)
    monkeypatch.setattr(taking, "ingest", lambda *_: ingested)
    run = RunFolder(tmp_path / "r")
    run.write(
        RunRecord(
            status="finished",
            request={},
            data={"edra": "hash", "clinic": "hash"},
            environment=taking.backend.versions(),
        )
    )
    session = SimpleNamespace(settings=SimpleNamespace(cache_folder=tmp_path))
    assert EarlierRuns(session)._has_same_data(run, REQUEST)
    assert told == [(), ("age",)]


def test_a_run_whose_machine_was_lost_is_gone_on_with_once_its_lease_has_lapsed(session, monkeypatch):
    """Another machine begins the training anew before that is known of the lost one."""
    made(session, "0", "running")
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            monkeypatch.setattr(RunFolder, "status", "interrupted")

    monkeypatch.setattr(taking.time, "sleep", nap)
    found, _ = take_or_train(session, REQUEST, EarlierRuns(session), patience=60)
    assert (len(naps), session.done, found.id) == (3, ["resumed 0"], "0")
