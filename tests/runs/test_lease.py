"""Who trains in a run's folder keeps others out, and is known to live; a process that is gone does neither."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from derm_cli.errors import DermError
from derm_cli.runs import lease
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import LOCK
from derm_cli.runs.lease import LEASE, LEASE_WITHOUT_LOCK, has_lapsed, lease_held
from derm_cli.runs.record import Process, RunRecord
from derm_cli.runs.runs import Runs

HOLDER = """
import pathlib, sys
from derm_cli.runs.lease import lease_held

with lease_held(pathlib.Path(sys.argv[1])):
    print(flush=True)
    input()
"""
ELSEWHERE = Process("a-container-that-was-killed", 7, "1234")


@pytest.fixture
def run(tmp_path):
    made = RunFolder(tmp_path / "20260101-000000-abcd")
    made.write(RunRecord(status="running", request={}, process=ELSEWHERE))
    return made


@pytest.fixture
def holder(run):
    """A process that holds the lease of the run."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def grow_old(run: RunFolder, seconds: float) -> None:
    then = time.time() - seconds
    for path in run.path.iterdir():
        os.utime(path, (then, then))


def test_two_processes_do_not_hold_it_at_once(run, holder):
    with pytest.raises(DermError, match="Another process is at work in"), lease_held(run.path):
        pass
    assert (run / LOCK).exists(), "the loser left the winner's lock"
    holder.kill()
    holder.wait()
    with lease_held(run.path):
        assert (run / LOCK).exists()
    assert not (run / LOCK).exists()


def test_two_threads_do_not_hold_it_at_once(run):
    held, errors = threading.Barrier(2), []

    def hold():
        try:
            with lease_held(run.path):
                held.wait(10)
                held.wait(10)
        except DermError as error:
            errors.append(error)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    with pytest.raises(DermError, match="Another process"), lease_held(run.path):
        pass
    held.wait(10)
    thread.join()
    assert errors == []


def test_it_gives_signs_of_life(run, monkeypatch):
    monkeypatch.setattr(lease, "BEAT", 0.01)
    with lease_held(run.path):
        grow_old(run, 10 * LEASE)
        until = time.monotonic() + 10
        while has_lapsed(run.path):
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("has_lock", "seconds", "status"),
    [
        (True, 0, "running"),
        (True, LEASE - 60, "running"),
        (True, LEASE + 60, "interrupted"),
        (True, -LEASE - 60, "interrupted"),
        (False, LEASE + 60, "running"),
        (False, LEASE_WITHOUT_LOCK + 60, "interrupted"),
    ],
)
def test_a_process_of_another_machine_lives_as_long_as_its_lease(run, has_lock, seconds, status):
    if has_lock:
        (run / LOCK).touch()
    grow_old(run, seconds)
    assert run.status == status
    runs = Runs(run.path.parent)
    if status == "interrupted":
        runs.remove(run)
        assert runs.all() == []
    else:
        with pytest.raises(DermError, match=r"still running.*'derm runs interrupt 20260101-000000-abcd'"):
            runs.remove(run)


def test_a_process_of_this_machine_needs_no_lease(run):
    run.write(replace(run.record, process=Process.current()))
    grow_old(run, 10 * LEASE_WITHOUT_LOCK)
    assert run.status == "running"
    with pytest.raises(DermError, match=r"stop it before you remove it\.$"):
        Runs(run.path.parent).remove(run)


def test_a_run_in_whose_folder_a_process_works_is_not_removed(run, holder):
    run.write(replace(run.record, status="interrupted"))
    with pytest.raises(DermError, match="Another process is at work in"):
        Runs(run.path.parent).remove(run)
    assert run.status == "interrupted"


def test_the_lock_is_not_sealed(run):
    with lease_held(run.path):
        run.seal_others(replace(run.record, status="finished"))
    assert LOCK not in run.record.files


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"process": ELSEWHERE}, "was taken over by process 7 on 'a-container-that-was-killed'"),
        ({"status": "interrupted"}, "was recorded as interrupted by somebody else"),
        ({"status": "finished"}, "was recorded as finished by somebody else"),
    ],
)
def test_a_run_that_is_not_this_processs_any_more_is_told_of(run, change, message):
    run.write(replace(run.record, process=Process.current()))
    run.require_own()
    run.write(replace(run.record, **change))
    with pytest.raises(DermError, match=message):
        run.require_own()
