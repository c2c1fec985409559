"""What the folds of a cross-validation come to together."""

from __future__ import annotations

import os
import signal
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from derm_cli.engine.stopping import Stopped
from derm_cli.errors import DermError, Interrupted
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import Process, RunRecord
from derm_cli.runs.runs import Runs
from derm_cli.studies.cross_validating import cross_validation, fold_study
from derm_cli.studies.cross_validating.cross_validation import CrossValidation, FoldResult, cross_validate, train_fold
from derm_cli.studies.executing import taking
from derm_cli.studies.executing.taking import EarlierRuns, InTraining, request_locked
from derm_cli.studies.storage.folder import Studies
from derm_cli.workflows.training.request import TrainRequest

REQUEST = TrainRequest.from_options(backbone="made", chain=("clinic",), folds=3)


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """A folder for what is written into the current one, and no patience with another process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fold_study, "PATIENCE", 0.0)


def test_the_failure_names_the_folds_that_did_not_finish_and_those_not_begun():
    result = CrossValidation(3, (FoldResult(1, None, "no more memory."),))
    assert result.failure == "fold 1: no more memory; fold 2: not begun; fold 3: not begun"
    assert result.finished == {}
    assert not result.is_synthetic


@pytest.fixture
def trained(monkeypatch):
    """The folds that were trained; ``stop`` is what happens at the second."""

    def make(stop: BaseException) -> list[int]:
        folds: list[int] = []

        def train_fold(_, request, *__):
            folds.append(request.splitting.fold)
            if request.splitting.fold == 2:
                raise stop

        monkeypatch.setattr(cross_validation, "_train_fold", train_fold)
        monkeypatch.setattr(cross_validation, "_run_of_fold", lambda *_: None)
        return folds

    return make


DEAF = SimpleNamespace(listening=lambda *_: nullcontext())
"""A registry whose listeners hear nothing."""


class NoRuns:
    """A session without runs."""

    registry, root = DEAF, Path("nowhere")

    @property
    def runs(self):
        return self

    def all(self):
        return []


def test_an_error_keeps_no_other_fold_from_being_trained(trained):
    folds = trained(MemoryError("no more of it"))
    result = cross_validate(NoRuns(), REQUEST)
    assert folds == [1, 2, 3]
    assert [each.error for each in result.results] == ["", "MemoryError: no more of it", ""]


def test_an_interruption_ends_the_folds(trained):
    folds = trained(Interrupted("stopped"))
    assert [each.error for each in cross_validate(NoRuns(), REQUEST).results] == ["", "stopped"]
    assert folds == [1, 2]


def test_what_is_wrong_with_all_folds_is_raised_where_none_was_begun(trained):
    trained(DermError("The data are wrong."))
    with pytest.raises(DermError, match="The data are wrong"):
        cross_validate(NoRuns(), REQUEST)


# Another process trains a fold.


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session with no runs yet, whose trainings are noted alone."""
    folder = SimpleNamespace(runs=Runs(tmp_path / "runs"), trained=[], registry=DEAF)

    def train(_, request, *__):
        folder.trained.append(request.splitting.fold)
        return RunFolder(tmp_path / f"{request.splitting.fold}")

    for module in (cross_validation, taking):
        monkeypatch.setattr(module, "train", train)
    return folder


def test_a_fold_that_another_process_locks_is_left_to_it(session):
    with request_locked(session, REQUEST.with_fold(1)):
        result = cross_validate(session, REQUEST)
    assert session.trained == [2, 3]
    assert result.failure == "fold 1: another process trains it for the same command"
    assert [path.name for path in session.runs.root.iterdir()] == ["studies"]


def test_a_cross_validation_is_a_study_of_one_row(session, monkeypatch):
    """What became of each fold is kept; the same command finds the same study, and takes over what is new of it."""

    def train(_, request, *__):
        fold = request.splitting.fold
        (run := session.runs.root / f"run-{fold}-{len(session.trained)}").mkdir(parents=True)
        session.trained.append(fold)
        if fold == 2 and len(session.trained) == 2:
            raise DermError("The class is too small.")
        if fold == 3 and len(session.trained) == 3:
            monkeypatch.setattr(cross_validation, "_run_of_fold", lambda *_: RunFolder(run))
            raise Interrupted("stopped", 143)
        return RunFolder(run)

    for module in (cross_validation, taking):
        monkeypatch.setattr(module, "train", train)
    result = cross_validate(session, REQUEST)
    folder = Studies(session.runs.root).find(result.study)
    assert not folder.is_carried_out
    assert folder.name.startswith("clinic-folds3-")
    record = folder.record
    assert [run.request for run in record.runs] == [REQUEST.with_fold(fold) for fold in (1, 2, 3)]
    assert (record.executor, record.workers, record.spec.folds) == ("local", 1, 3)
    states = {key: (each.status, each.run, each.reason) for key, each in folder.states.items()}
    assert states == {
        "0001": ("finished", "run-1-0", ""),
        "0002": ("failed", "", "The class is too small."),
        "0003": ("interrupted", "run-3-2", "stopped"),
    }
    again = cross_validate(session, REQUEST, use_store=False)
    assert again.study == folder.name == replace(again, results=()).to_json()["study"]
    assert [each.run for each in folder.states.values()] == ["run-1-3", "run-2-4", "run-3-5"]
    other = cross_validate(session, replace(REQUEST, seed=1), use_store=False)
    assert len(Studies(session.runs.root).all()) == 2
    assert other.study != again.study


def test_a_study_that_cannot_be_kept_keeps_no_fold_from_being_trained(session, capsys):
    name = cross_validate(session, REQUEST).study
    (session.runs.root / "studies" / name / "study.json").write_text("{}")
    result = cross_validate(session, REQUEST, use_store=False)
    assert (len(result.finished), result.study) == (3, "")
    assert capsys.readouterr().err.count("is not kept as a study") == 1


def test_a_cross_validation_that_cannot_begin_is_no_study(session, monkeypatch):
    def train(*_):
        raise DermError("The data are wrong.")

    monkeypatch.setattr(taking, "train", train)
    with pytest.raises(DermError, match="The data are wrong"):
        cross_validate(session, REQUEST)
    assert Studies(session.runs.root).all() == []


@pytest.mark.parametrize(
    ("statuses", "trained", "failure"),
    [
        (["running"], [1, 3], "fold 2: run '2026-0' is being trained for it by process 7 on 'elsewhere'"),
        (["finished", "running"], [1, 3], ""),
        (["running", "finished"], [1, 3], ""),
    ],
)
def test_a_fold_whose_run_is_running_is_left_to_it(session, monkeypatch, statuses, trained, failure):
    for number, status in enumerate(statuses):
        run = RunFolder(session.runs.root / f"2026-{number}")
        request = REQUEST.with_fold(2).to_json()
        run.write(RunRecord(status=status, request=request, process=Process("elsewhere", 7, "1")))
    monkeypatch.setattr(EarlierRuns, "_has_same_data", lambda *_: True)
    result = cross_validate(session, REQUEST)
    assert (session.trained, result.failure) == (trained, failure)
    assert [run.record.status for run in session.runs.all()] == statuses


SOURCE = "20260101-000000-aaaa"


@pytest.mark.parametrize("stored", ["20260101", SOURCE, f"runs/{SOURCE}", f"{{here}}/runs/{SOURCE}"])
def test_a_fold_is_known_whatever_was_typed_for_the_run_that_its_chain_begins_with(
    session, monkeypatch, tmp_path, stored
):
    """An earlier derm stored what was typed, which may begin more ids by now."""
    monkeypatch.chdir(tmp_path)
    chained = TrainRequest.from_options(backbone="made", chain=(f"run:{SOURCE}", "clinic"), folds=3)
    stored_chain = [f"run:{stored.replace('{here}', str(tmp_path))}", "clinic"]
    requests = {
        SOURCE: {},
        "20260201-000000-bbbb": chained.with_fold(1).to_json() | {"chain": stored_chain},
        "20260202-000000-cccc": chained.with_fold(2).to_json() | {"chain": stored_chain},
        "20260203-000000-dddd": chained.with_fold(3).to_json() | {"chain": ["run:gone", "clinic"]},
    }
    for name, request in requests.items():
        RunFolder(session.runs.root / name).write(RunRecord(status="finished", request=request))
    monkeypatch.setattr(EarlierRuns, "_has_same_data", lambda *_: True)
    result = cross_validate(session, chained)
    assert session.trained == [3]
    assert [each.run.id for each in result.results[:2]] == ["20260201-000000-bbbb", "20260202-000000-cccc"]


def test_a_signal_gives_the_command_its_exit_status(trained):
    trained(Interrupted("stopped", 143))
    assert cross_validate(NoRuns(), REQUEST).exit_status == 143


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 1)])
def test_a_signal_before_a_fold_has_a_run_ends_the_folds(trained, number, status):
    folds = trained(Stopped(number))
    result = cross_validate(NoRuns(), REQUEST)
    reason = "interrupted by the user" if number == signal.SIGINT else f"stopped by {number.name}"
    assert result.failure == f"fold 2: {reason}; fold 3: not begun"
    assert (result.exit_status, folds) == (status, [1, 2])


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_signal_between_two_folds_ends_them(trained, after):
    """It comes as the runs are listed, which is before a fold begins."""

    class Listing(NoRuns):
        listed = 0

        def all(self):
            if self.listed == after:
                os.kill(os.getpid(), signal.SIGTERM)
            self.listed += 1
            return []

    folds = trained(MemoryError())
    result = cross_validate(Listing(), REQUEST)
    assert folds == [1, 2, 3][:after]
    assert f"fold {after + 1}: not begun" in result.failure
    assert result.exit_status == 143


# One fold by itself.


def test_of_one_fold_by_itself_and_all_folds_each_leaves_the_other_alone(session, monkeypatch):
    done = []

    def train(here, request, *_):
        here.trained.append(request.splitting.fold)
        if not done:
            done.append("the other process")
            result = cross_validate(session, REQUEST)
            assert result.failure == "fold 2: another process trains it for the same command"
            with pytest.raises(InTraining, match="another process trains it for the same command"):
                train_fold(session, REQUEST.with_fold(2))
        return RunFolder(here.runs.root / f"{request.splitting.fold}")

    for module in (cross_validation, taking):
        monkeypatch.setattr(module, "train", train)
    train_fold(session, REQUEST.with_fold(2))
    assert session.trained == [2, 1, 3]
    assert [path.name for path in session.runs.root.iterdir()] == ["studies"]


def test_one_fold_by_itself_is_trained_anew_once_nobody_else_does(session):
    with request_locked(session, REQUEST.with_fold(2)), pytest.raises(InTraining):
        train_fold(session, REQUEST.with_fold(2))
    train_fold(session, REQUEST.with_fold(2))
    train_fold(session, REQUEST.with_fold(2))
    assert session.trained == [2, 2]
