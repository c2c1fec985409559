"""Signals that end a training, and two processes that go on with one run, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derm_cli.engine.checkpoint import Checkpoint
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import CHECKPOINT, HISTORY, LOCK
from tests.support import trees
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

    def start_process(*arguments: str) -> subprocess.Popen:
        processes.append(
            subprocess.Popen([DERM, *arguments], env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        )
        return processes[-1]

    yield start_process
    for each in processes:
        each.kill()
        each.communicate()


def await_file(pattern: str, runs: Path, process: subprocess.Popen) -> Path:
    until = time.monotonic() + PATIENCE
    while not (paths := list(runs.glob(pattern))):
        assert process.poll() is None, process.stderr.read().decode()
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
