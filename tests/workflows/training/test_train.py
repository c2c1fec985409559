"""Whatever stops a training leaves a record that says so, and a sentence that says how to go on."""

from __future__ import annotations

import errno
import signal
from dataclasses import replace

import pytest

from derm_cli.engine import backend
from derm_cli.engine.checkpoint import NoWholeCheckpoint
from derm_cli.engine.stopping import Stopped
from derm_cli.errors import DermError, Interrupted
from derm_cli.plugin.calling import Origin, PluginFault
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.lease import lease_held
from derm_cli.runs.record import FAILED, FINISHED, INTERRUPTED, RUNNING, Process, RunRecord
from derm_cli.workflows.training import train as workflow
from derm_cli.workflows.training.train import ChangedSince, _run_job, resume
from tests.support.tiny_job import make_job

backend.start()

from derm_cli.workflows.training import stages  # noqa: E402


def fault_of(error):
    """Return the fault of a plugin whose sampler raised ``error``, as it is raised."""
    fault = Origin("clinic", what="build of sampler 'x'").failed(None, error)
    fault.__cause__ = error
    return fault


def hidden(fault):
    """Return an error that a framework raises in the place of another."""
    error = RuntimeError("a framework's own words")
    error.__context__ = fault
    return error


@pytest.mark.parametrize(
    ("stopped_by", "raised", "said", "status", "reason"),
    [
        (KeyboardInterrupt(), Interrupted, "'derm train --resume one'", INTERRUPTED, "interrupted by the user"),
        (Stopped(signal.SIGINT), Interrupted, "was interrupted: go on with", INTERRUPTED, "interrupted by the user"),
        (Stopped(signal.SIGTERM), Interrupted, "was stopped by SIGTERM: go on", INTERRUPTED, "stopped by SIGTERM"),
        (Stopped(signal.SIGHUP), Interrupted, "was stopped by SIGHUP: go on", INTERRUPTED, "stopped by SIGHUP"),
        (DermError("The loss became 'nan'."), DermError, "The loss became 'nan'.", FAILED, "The loss became"),
        (
            OSError(errno.ENOSPC, "full"),
            DermError,
            "No space is left on the disk while",
            FAILED,
            "full",
        ),
        (OSError(errno.EIO, "torn"), DermError, "The system refused", FAILED, "torn"),
        (
            fault_of(FileNotFoundError(2, "no", "x")),
            PluginFault,
            "sampler 'x' fails (FileNot",
            FAILED,
            "Plugin 'clinic'",
        ),
        (hidden(fault_of(KeyError("x"))), RuntimeError, "a framework's", FAILED, "Plugin 'clinic': build of sampler"),
        (MemoryError("no more of it"), MemoryError, "no more of it", FAILED, "no more of it"),
    ],
)
def test_what_stops_a_run_is_recorded(tmp_path, monkeypatch, stopped_by, raised, said, status, reason):
    def stop(_):
        raise stopped_by

    monkeypatch.setattr(stages, "run_stages", stop)
    job = make_job(tmp_path)
    with pytest.raises(raised) as caught:
        _run_job(job)
    assert said in str(caught.value)
    assert job.run.record.status == status
    assert reason in job.run.record.reason
    assert job.session.registry.calls[0][0] == "derm_run_started"


@pytest.mark.parametrize("half_done", [False, True])
def test_stages_alone_are_trained_in_a_folder_that_is_gone_afterwards(tmp_path, monkeypatch, half_done):
    folder, done = RunFolder(tmp_path / "stages" / "x"), []
    folder.path.mkdir(parents=True)
    if half_done:
        folder.write(RunRecord(status=INTERRUPTED, request={}))
    else:
        # What a process left that was killed before there was a record.
        (folder / "plan.json").write_text("{")

    def begin(session, request, use_store, split_of, **more):
        done.append((request, use_store, split_of, more["folder"], more["until"], folder.path.exists()))
        folder.path.mkdir(parents=True)

    monkeypatch.setattr(workflow, "_train", begin)
    monkeypatch.setattr(workflow, "resume", lambda *arguments: done.append(arguments[1:]))
    workflow.train_stages(None, "request", 1, folder)
    assert done == ([(folder, 1)] if half_done else [("request", True, None, folder, 1, False)])
    assert not folder.path.exists()


@pytest.mark.parametrize(
    "error",
    [
        ChangedSince("Dataset 'clinic' is not the one that run 'x' began with (files or labels changed): train anew."),
        NoWholeCheckpoint("No checkpoint of run 'x' is whole: train again with 'derm train --repeat x'."),
    ],
)
def test_stages_that_cannot_be_gone_on_with_are_begun_anew(tmp_path, monkeypatch, capsys, error):
    folder, begun = RunFolder(tmp_path / "stages" / "x"), []
    folder.write(RunRecord(status=INTERRUPTED, request={}))

    def refuse(*_):
        raise error

    def begin(*_, **more):
        begun.append(folder.path.exists())
        folder.path.mkdir(parents=True)

    monkeypatch.setattr(workflow, "_train", begin)
    monkeypatch.setattr(workflow, "resume", refuse)
    workflow.train_stages(None, "request", 1, folder)
    assert begun == [False]
    assert not folder.path.exists()
    said = capsys.readouterr().err
    assert "stages that were half trained are begun anew: " in said
    assert "derm train" not in said


def test_stages_that_fail_otherwise_stay_as_they_are(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path / "stages" / "x")
    folder.write(RunRecord(status=INTERRUPTED, request={}))

    def refuse(*_):
        raise DermError("No space is left.")

    monkeypatch.setattr(workflow, "resume", refuse)
    with pytest.raises(DermError, match="No space is left"):
        workflow.train_stages(None, "request", 1, folder)
    assert folder.path.exists()


@pytest.mark.parametrize(
    ("stopped_by", "said"),
    [
        (Stopped(signal.SIGTERM), "The training up to stage 'second' was stopped by SIGTERM: the same command goes on"),
        (OSError(errno.ENOSPC, "full"), "while the training up to stage 'second' was written in '"),
    ],
)
def test_stages_that_are_no_run_are_not_said_to_be_one(tmp_path, monkeypatch, stopped_by, said):
    def stop(_):
        raise stopped_by

    monkeypatch.setattr(stages, "run_stages", stop)
    job = replace(make_job(tmp_path), until=1)
    with pytest.raises(DermError) as caught:
        _run_job(job)
    assert said in str(caught.value)
    assert "the same command goes on with it." in str(caught.value)
    assert "derm train --resume" not in str(caught.value)


def test_stages_that_another_process_trains_are_not_said_to_be_a_run(tmp_path):
    job = make_job(tmp_path)
    with pytest.raises(DermError, match=r"Another process trains these stages in '.*one': wait until it has ended"):
        resume(job.session, job.run, until=1)


@pytest.mark.parametrize("status", [FINISHED])
def test_a_run_that_needs_nothing_more_is_not_gone_on_with(tmp_path, status):
    job = make_job(tmp_path)
    job.run.write(replace(job.run.record, status=status))
    with pytest.raises(DermError, match=f"Run 'one' is {status}: there is nothing to go on with"):
        resume(job.session, job.run)


def test_what_another_process_took_over_is_not_marked_as_failed(tmp_path, monkeypatch):
    job = make_job(tmp_path)
    other = Process("elsewhere", 7, "1234")

    def lose(_):
        job.run.write(replace(job.run.record, process=other))
        job.run.require_own()

    monkeypatch.setattr(stages, "run_stages", lose)
    with pytest.raises(DermError, match="was taken over by process 7 on 'elsewhere'"):
        _run_job(job)
    assert (job.run.record.status, job.run.record.reason, job.run.record.process) == (RUNNING, None, other)


def test_a_run_in_whose_folder_another_is_at_work_is_not_gone_on_with(tmp_path):
    job = make_job(tmp_path)
    job.run.write(replace(job.run.record, status=INTERRUPTED))
    with lease_held(job.run.path), pytest.raises(DermError, match="Another process is at work in"):
        resume(job.session, job.run)
    assert job.run.status == INTERRUPTED
