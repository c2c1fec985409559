"""Signals that end a command, and two processes that go on with one run, in processes of their own."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from derm_cli.engine.checkpoint import Checkpoint
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import CHECKPOINT, HISTORY, LOCK
from derm_cli.workflows.training import train as workflow
from tests.support import trees
from tests.support.commands import QUICK
from tests.support.killing_plugin import install_plugin

TRAINING = ("train", "--backbone", "tiny", "--size", "32", "--chain", "pad-ufes-20", "--epochs", "4")
DERM = Path(sys.executable).with_name("derm")
PATIENCE = 240


@pytest.fixture
def start(place, tmp_path_factory, monkeypatch):
    """Start ``derm`` in a process of its own, with a small dataset and a backbone that learns fast."""
    plugin = install_plugin(tmp_path_factory.mktemp("plugin"))
    trees.make_pad(place.data / "pad-ufes-20", per_class=12)
    monkeypatch.syspath_prepend(plugin)
    folders = {"DERM_DATA": place.data, "DERM_RUNS": place.runs, "DERM_CACHE": place.root / "cache"}
    environment = {**os.environ, **{name: str(path) for name, path in folders.items()}, "DERM_CACHE_LIMIT": "0"}
    paths = [str(plugin), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    processes = []

    def start_process(*arguments: str, preceding: Path = plugin, **options: Any) -> subprocess.Popen:
        options = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL} | options
        variables = environment | {"PYTHONPATH": os.pathsep.join([str(preceding), environment["PYTHONPATH"]])}
        processes.append(subprocess.Popen([DERM, *arguments], env=variables, **options))
        return processes[-1]

    yield start_process
    for each in processes:
        each.kill()
        each.communicate()


def await_file(pattern: str, folder: Path, process: subprocess.Popen) -> Path:
    until = time.monotonic() + PATIENCE
    while not (paths := list(folder.glob(pattern))):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < until
        time.sleep(0.01)
    return paths[0]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 1)])
def test_a_signal_leaves_a_checkpoint_a_reason_and_the_command_to_go_on(place, start, number, status):
    training = start(*TRAINING)
    run = RunFolder(await_file(f"*/{CHECKPOINT}", place.runs, training).parent)
    before = Checkpoint(run / CHECKPOINT).position
    # The first checkpoint is due at once, the next far later: what is newer was written for the signal.
    training.send_signal(number)
    _, errors = training.communicate(timeout=PATIENCE)
    assert training.returncode == status, errors.decode()
    assert f"go on with 'derm train --resume {run.id}'" in errors.decode()
    record = run.record
    reason = "interrupted by the user" if number == signal.SIGINT else f"stopped by {number.name}"
    assert (record.status, record.reason) == ("interrupted", reason)
    after = Checkpoint(run / CHECKPOINT).position
    assert (after.phase, after.epoch, after.step) >= (before.phase, before.epoch, before.step)
    assert not (run / LOCK).exists()


@pytest.fixture
def terminal():
    """A terminal of 40 columns: what is to be known of it for a process, and a function that closes it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 40))

    def own_terminal() -> None:
        fcntl.ioctl(2, termios.TIOCSCTTY, 0)

    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    still_open = [ours, theirs]

    def read() -> None:
        # Somebody has to: a terminal takes little that nobody reads.
        with suppress(OSError):
            while os.read(ours, 4096):
                pass

    def close() -> None:
        while still_open:
            os.close(still_open.pop())

    threading.Thread(target=read, daemon=True).start()
    yield streams | {"start_new_session": True, "preexec_fn": own_terminal}, close
    close()


def test_a_terminal_that_closes_ends_a_training_as_its_signal_does(place, start, terminal):
    on_it, close = terminal
    training = start(*TRAINING, **on_it)
    run = RunFolder(await_file(f"*/{CHECKPOINT}", place.runs, training).parent)
    close()
    assert training.wait(PATIENCE) == 128 + signal.SIGHUP
    assert (run.record.status, run.record.reason) == ("interrupted", "stopped by SIGHUP")
    assert not (run / LOCK).exists()


WAITING = """
import time
from pathlib import Path

import click

from derm_cli.console import progress
from derm_cli.plugin import hookimpl


@click.command("wait")
def wait():
    Path("begun").touch()
    for _ in progress(range(100000), "Waiting"):
        time.sleep(0.01)


@hookimpl
def derm_commands(cli):
    cli.add_command(wait)
"""
"""A command that is at work for long, with a progress bar."""


@pytest.fixture
def waiting(tmp_path, start, monkeypatch):
    """Start a command that is at work for long, in a process of its own; wait until it is."""
    plugin = tmp_path / "waiting"
    (plugin / "waiting-1.0.dist-info").mkdir(parents=True)
    (plugin / "waiting_plugin.py").write_text(WAITING)
    (plugin / "waiting-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: waiting\nVersion: 1.0\n")
    (plugin / "waiting-1.0.dist-info" / "entry_points.txt").write_text("[derm]\nwaiting = waiting_plugin\n")
    work = tmp_path / "work"
    work.mkdir()

    def start_waiting(**streams: Any) -> subprocess.Popen:
        process = start("wait", cwd=work, preceding=plugin, **streams)
        await_file("begun", work, process)
        return process

    return start_waiting


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (signal.SIGTERM, 143, "Error: Derm was stopped by SIGTERM before it was done: give the command again."),
        (signal.SIGHUP, 129, "Error: Derm was stopped by SIGHUP before it was done: give the command again."),
        (signal.SIGINT, 1, "Aborted!"),
    ],
)
def test_a_signal_ends_any_command_with_a_sentence(waiting, number, status, said):
    process = waiting()
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors.decode().strip()) == (status, said)


def test_a_terminal_that_closes_ends_any_command_as_its_signal_does(waiting, terminal):
    on_it, close = terminal
    process = waiting(**on_it)
    close()
    assert process.wait(PATIENCE) == 128 + signal.SIGHUP


# Before a run has a folder.


@pytest.fixture
def stopped_at(place, monkeypatch):
    """Train, and have a signal come where a function of the training is first called; return what was said."""
    trees.make_pad(place.data / "pad-ufes-20", per_class=4)

    def train_until(name: str, number: int, *options: str, times: int = 1) -> str:
        function = getattr(workflow, name)
        signals = [number] * times

        def stop(*arguments: Any, **named: Any) -> Any:
            while signals:
                os.kill(os.getpid(), signals.pop())
            return function(*arguments, **named)

        monkeypatch.setattr(workflow, name, stop)
        chain = ("--chain", "imagenet,pad-ufes-20", "--validation-share", "0")
        return place.refused("train", *QUICK, *chain, *options, exit_status=128 + number)

    return train_until


@pytest.mark.parametrize(
    ("name", "number"),
    [("prepare", signal.SIGTERM), ("ingest", signal.SIGHUP), ("assemble", signal.SIGTERM)],
)
def test_a_signal_before_there_is_a_run_leaves_none(place, stopped_at, name, number):
    said = stopped_at(name, number)
    assert said == f"Error: Derm was stopped by {number.name} before it was done: give the command again."
    assert not list(place.runs.glob("2*"))


@pytest.mark.parametrize("name", ["write_text", "sha256_of", "RunRecord"])
def test_a_signal_while_a_run_gets_its_folder_leaves_a_run_to_go_on_with(place, stopped_at, name):
    said = stopped_at(name, signal.SIGTERM)
    (run,) = map(RunFolder, place.runs.glob("2*"))
    assert said == f"Error: Run '{run.id}' was stopped by SIGTERM: go on with 'derm train --resume {run.id}'."
    assert (run.record.status, run.record.reason) == ("interrupted", "stopped by SIGTERM")
    assert {each.name for each in run.path.iterdir()} == {"plan.json", "split.csv", "dropped.csv", "run.json"}


def test_a_second_signal_does_not_wait_and_leaves_no_half_folder(place, stopped_at):
    assert "Derm was stopped by SIGTERM before it was done" in stopped_at("sha256_of", signal.SIGTERM, times=2)
    assert not list(place.runs.glob("2*"))


def test_a_folder_that_could_not_be_made_whole_is_gone(place, monkeypatch):
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    trees.make_pad(place.data / "pad-ufes-20", per_class=4)
    monkeypatch.setattr(workflow, "sha256_of", refuse)
    said = place.refused("train", *QUICK, "--chain", "imagenet,pad-ufes-20", "--validation-share", "0")
    assert "No space left on device" in said
    assert not list(place.runs.glob("2*"))


@pytest.mark.parametrize(("name", "number"), [("prepare", signal.SIGHUP), ("ingest", signal.SIGTERM)])
def test_under_folds_the_command_to_go_on_is_printed(place, stopped_at, name, number):
    said = stopped_at(name, number, "--folds", "3")
    why = f"fold 1: stopped by {number.name}; fold 2: not begun; fold 3: not begun"
    assert f"0 of 3 folds finished ({why}): go on with 'derm train --recipe paper --backbone effnet-lite0" in said
    assert "--folds 3 --no-baselines'" in said
    assert not list(place.runs.glob("2*"))
    assert not list(place.runs.glob(".fold*"))


def test_of_two_that_go_on_with_a_run_one_does_and_the_other_leaves_it_alone(place, start):
    training = start(*TRAINING)
    run = RunFolder(await_file(f"*/{HISTORY}", place.runs, training).parent)
    training.kill()
    training.wait()
    assert run.status == "interrupted"
    both = [start("train", "--resume", run.id) for _ in range(2)]
    errors = [each.communicate(timeout=PATIENCE)[1].decode() for each in both]
    assert sorted(each.returncode for each in both) == [0, 1], errors
    (refusal,) = (text for each, text in zip(both, errors, strict=True) if each.returncode)
    assert "Another process is at work" in refusal or "is running: there is nothing to go on with" in refusal
    assert (run.status, run.record.reason) == ("finished", None)
    epochs = (run / HISTORY).read_text().splitlines()[1:]
    assert len(epochs) == 12
    assert not (run / LOCK).exists()
