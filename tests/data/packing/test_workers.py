"""Photographs decoded by processes of their own are those that are decoded here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from derm_cli.data.packing import workers
from derm_cli.data.packing.decoding import DecodeTask, decode
from derm_cli.data.packing.pack import pack
from derm_cli.data.preprocessing import opening
from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.plan import Preprocessing
from tests.support import awkward_photographs

RULE = Preprocessing(size=32, interpolation="area", crop="lesion", constancy="shades-of-grey")


@pytest.fixture(autouse=True)
def always(monkeypatch):
    """Start workers for however little."""
    monkeypatch.setattr(workers, "WORTH_SECONDS", 0.0)
    monkeypatch.setattr(workers, "usable_cores", lambda: 2)


@pytest.fixture
def tasks(tmp_path):
    paths = awkward_photographs.make_photographs(tmp_path / "photographs")
    masks = [awkward_photographs.make_mask(path, tmp_path / "masks" / f"{path.name}.png") for path in paths]
    broken = tmp_path / "broken.png"
    broken.write_text("no image")
    decode_tasks = [
        DecodeTask(path, mask, (sha256_of(path), sha256_of(mask))) for path, mask in zip(paths, masks, strict=True)
    ]
    return [*decode_tasks, DecodeTask(broken, None, (sha256_of(broken), None))]


@pytest.fixture
def started_workers(tasks, tmp_path):
    """Two workers that have started."""
    with workers.DecodingWorkers(RULE, tasks, tmp_path / "large.lock") as started:
        wait_for(started)
        yield started


def wait_for(started_workers, count=2):
    until = time.monotonic() + 30
    while started_workers._idle.qsize() < count:
        assert time.monotonic() < until, "the workers did not start"
        time.sleep(0.01)


@pytest.fixture
def only_workers(monkeypatch):
    monkeypatch.setattr(workers, "decode", lambda *_: pytest.fail("decoded here"))


def test_a_worker_gives_the_row_and_pixels_that_are_given_here(tasks, started_workers, only_workers):
    for task in tasks:
        (row, pixels), (expected, same) = started_workers.decode(task), decode(task, RULE)
        assert row == expected
        assert (pixels is None) == (same is None) == (task.path.name == "broken.png")
        np.testing.assert_array_equal(pixels, same)


def test_packing_is_the_same_with_workers_and_without(tasks, tmp_path, monkeypatch):
    files, masks = [task.path for task in tasks] * 20, [task.mask for task in tasks] * 20
    tasks_asked = []
    ask = workers._Worker.ask
    monkeypatch.setattr(workers._Worker, "ask", lambda self, task: (tasks_asked.append(task), ask(self, task))[1])
    one = pack(files, RULE, tmp_path / "one", "made", masks)
    monkeypatch.setattr(workers, "WORTH_SECONDS", 1e9)
    other = pack(files, RULE, tmp_path / "other", "made", masks)
    assert tasks_asked
    np.testing.assert_array_equal(one.photographs, other.photographs)
    assert (one.facts, one.unreadable, one.uncropped) == (other.facts, other.unreadable, other.uncropped)


def test_until_workers_have_started_it_is_done_here(tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(workers._Worker, "is_ready", lambda _: False)
    with workers.DecodingWorkers(RULE, tasks, tmp_path / "large.lock") as started_workers:
        assert started_workers.decode(tasks[0])[0] == decode(tasks[0], RULE)[0]


def test_without_an_interpreter_to_start_it_is_done_here(tasks, tmp_path, monkeypatch):
    for executable in ("", str(tmp_path / "nowhere")):
        monkeypatch.setattr(workers.sys, "executable", executable)
        with workers.DecodingWorkers(RULE, tasks, tmp_path / "large.lock") as started_workers:
            assert started_workers.decode(tasks[0])[0] == decode(tasks[0], RULE)[0]


def test_an_error_of_a_worker_is_raised_here(tasks, started_workers, only_workers):
    task = DecodeTask(tasks[0].path, None, ("0" * 64, None))
    with pytest.raises(DermError, match="it changed while it was read"):
        started_workers.decode(task)


def ending(monkeypatch, times):
    """Let a worker come to its end while it decodes, so many times."""
    ask, left = workers._Worker.ask, iter(range(times))

    def fatal(self, task):
        if next(left, None) is not None:
            self._process.kill()
            self._process.wait()
        return ask(self, task)

    monkeypatch.setattr(workers._Worker, "ask", fatal)


def test_a_file_that_ends_a_worker_gets_another_chance(tasks, started_workers, only_workers, monkeypatch):
    ending(monkeypatch, 1)
    assert started_workers.decode(tasks[0])[0] == decode(tasks[0], RULE)[0]
    wait_for(started_workers)
    assert started_workers.decode(tasks[1])[0] == decode(tasks[1], RULE)[0]


def test_a_file_that_ended_a_worker_is_never_decoded_here(tasks, started_workers, only_workers, monkeypatch):
    """Though no other worker is free just then."""
    busy = started_workers._idle.get()
    ending(monkeypatch, 1)
    assert started_workers.decode(tasks[0])[0] == decode(tasks[0], RULE)[0]
    ending(monkeypatch, 1)
    monkeypatch.setattr(workers.DecodingWorkers, "_start", lambda _: None)
    monkeypatch.setattr(workers, "STARTING_SECONDS", 0.1)
    assert started_workers.decode(tasks[0])[0].unreadable == workers.ENDED
    started_workers._idle.put(busy)


def test_a_file_that_ends_two_workers_is_unreadable_and_others_are_not(tasks, started_workers, monkeypatch):
    ending(monkeypatch, 2)
    row, pixels = started_workers.decode(tasks[0])
    assert (row.unreadable, pixels) == ("decoding it ended the program that decodes", None)
    wait_for(started_workers)
    assert started_workers.decode(tasks[1])[0] == decode(tasks[1], RULE)[0]


def test_none_is_left_when_the_work_is_done(tasks, tmp_path):
    with workers.DecodingWorkers(RULE, tasks, tmp_path / "large.lock") as started_workers:
        wait_for(started_workers)
        processes = [each._process for each in started_workers._all]
        assert [each.poll() for each in processes] == [None, None]
    assert all(each.returncode is not None for each in processes)
    assert opening._shared_locks == []


PACKING = """
import os, signal, sys
from pathlib import Path
from derm_cli.data.packing import workers
from derm_cli.data.packing.pack import pack
from derm_cli.plan import Preprocessing

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so did this
workers.WORTH_SECONDS, workers.usable_cores = 0.0, lambda: 2
is_ready = workers._Worker.is_ready

def telling(self):
    found = is_ready(self)
    os.write(1, b"started\\n")  # in one piece: two threads tell it
    return found

workers._Worker.is_ready = telling
pack(sorted(Path(sys.argv[1]).iterdir()) * 2000, Preprocessing(size=32), Path(sys.argv[2]), "made")
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_the_process_that_started_them(tasks, tmp_path, how):
    command = [sys.executable, "-c", PACKING, tmp_path / "photographs", tmp_path / "cache"]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["started\n"] * 2
        process.send_signal(how)
        process.wait(30)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    pytest.fail("a worker was left")


def test_large_photographs_are_decoded_alone_across_processes(tasks, started_workers, tmp_path, monkeypatch):
    """Who holds the lock is waited for; the file is the workers' and this process's."""
    assert [each.lock_file for each in opening._shared_locks] == [str(tmp_path / "large.lock")]
    monkeypatch.setattr(opening, "EXCLUSIVE_PIXELS", 10)
    with opening.open_photograph(tasks[0].path):
        assert opening._shared_locks[0].is_locked
    assert not opening._shared_locks[0].is_locked
