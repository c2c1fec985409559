"""A person says that a run's process is dead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.lease import lease_held
from derm_cli.runs.record import Process, RunRecord
from derm_cli.workflows.runs.interrupt import interrupt

ELSEWHERE = Process("elsewhere", 7, "1234")


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "20260101-000000-abcd")
    folder.write(RunRecord(status="running", request={}, process=ELSEWHERE))
    return folder


def test_a_run_of_another_machine_is_then_interrupted(run):
    before = run.record
    assert run.status == "running"
    interrupt(run)
    record = run.record
    assert (run.status, record.reason) == ("interrupted", "its process was said to be dead")
    assert list(record.to_json()) == [*before.to_json(), "reason", "ended"]


@pytest.mark.parametrize("status", ["finished", "failed", "interrupted"])
def test_what_does_not_run_is_not_interrupted(run, status):
    run.write(replace(run.record, status=status))
    with pytest.raises(DermError, match=f"is {status}, not running"):
        interrupt(run)


def test_a_process_of_this_machine_is_to_be_ended_instead(run):
    run.write(replace(run.record, process=Process.current()))
    with pytest.raises(DermError, match="lives: end it with 'kill"):
        interrupt(run)


def test_a_process_that_holds_the_lock_lives(run):
    with lease_held(run.path), pytest.raises(DermError, match="Another process is at work"):
        interrupt(run)
    assert run.status == "running"
