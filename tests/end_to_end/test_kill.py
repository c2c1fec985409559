"""kill -9 at any instant, and a full disk: what goes on ends with the bits of the run that was never stopped."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.runs import layout
from derm_cli.runs.record import Process
from tests.support import trees
from tests.support.killing_plugin import install_plugin

TINY = ["--backbone", "tiny", "--size", "32", "--chain", "ham10000,pad-ufes-20"]
PLANS = {
    "frozen-block": [*TINY, "--epochs", "5"],
    "hybrid": [
        *("--backbone", "effnet-lite0", "--size", "32", "--chain", "imagenet,ham10000,pad-ufes-20"),
        *("--strategy", "hybrid", "--schedule", "linear-probe", "--epochs", "5", "--validation-share", "0.3"),
        *("--phase", "ema=0.9", "--phase", "early-stopping=4", "--phase", "best-epoch=on", "--phase", "mixup=0.2"),
    ],
    "features-kept": [*TINY, "--epochs", "2", "--no-augment"],
}
DERM = Path(sys.executable).with_name("derm")
PATIENCE = 240


@pytest.fixture(scope="module")
def plugin(tmp_path_factory) -> Path:
    """A folder that installs the plugin for whoever has it on its path."""
    return install_plugin(tmp_path_factory.mktemp("plugin"))


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    trees.make_pad(folder / "pad-ufes-20", per_class=8)
    trees.make_ham(folder / "ham10000", per_class=8)
    return folder


@pytest.fixture
def both(place, data, plugin, monkeypatch):
    """A place with two small datasets and the plugin."""
    place.data.symlink_to(data)
    monkeypatch.syspath_prepend(plugin)
    return place


class Killed(BaseException):
    """Stands for the end of a process, in process."""


@contextmanager
def watching(root: Path, before: Callable[[str], None]) -> Iterator[None]:
    """Call ``before`` with the name of each file below ``root`` before it is put into its place.

    Checkpoints are written wherever one may be, so that every training has the same writes.
    """
    replace = Path.replace

    def watched(path: Path, target: Path) -> Path:
        if root in target.parents:
            # Without the number of the process that writes it.
            before(".".join(part for part in target.name.split(".") if not part.isdigit()))
        return replace(path, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "due", True)
        patch.setattr(Path, "replace", watched)
        yield


@contextmanager
def stopping(root: Path, at: int, error: BaseException) -> Iterator[None]:
    """Raise ``error`` in the place of a write, and of all that come after it.

    A process that is gone removes nothing either: what it has half written stays where it is.
    """
    unlink, passed = Path.unlink, 0

    def stop(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed > at:
            raise error

    def unlink_if_alive(path: Path, missing_ok: bool = False) -> None:
        if passed > at and isinstance(error, Killed):
            raise error
        unlink(path, missing_ok)

    with watching(root, stop), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", unlink_if_alive)
        yield


@dataclass(frozen=True)
class Unbroken:
    """A run that was never stopped, and the names of its files in the order in which they were put into place."""

    run: Path
    writes: list[str]

    @property
    def epochs(self) -> int:
        return lines_of(self.run / "history.csv")

    def drawn(self, name: str, seed: int) -> int:
        """Draw a write of a file of this name, after the one with which the run begins."""
        began = self.writes.index("run.json") + 1
        return random.Random(seed).choice(
            [place for place in range(began, len(self.writes)) if self.writes[place] == name]
        )


@pytest.fixture(scope="module")
def made():
    """The runs that were never stopped, by plan."""
    return {}


@pytest.fixture
def never_stopped(both, made, tmp_path_factory):
    def make(plan: str) -> Unbroken:
        if plan not in made:
            writes: list[str] = []
            with watching(both.runs, writes.append):
                run = both.runs / both.json("train", *PLANS[plan])["run"]
            made[plan] = Unbroken(run.rename(tmp_path_factory.mktemp(plan) / run.name), writes)
            # With it goes who is tested on, so that the next run here decides, and writes, that too.
            shutil.rmtree(both.runs)
        return made[plan]

    return make


def only_run(place) -> str:
    (line,) = place.json("runs", "list")
    return line["id"]


def lines_of(history: Path) -> int:
    return history.read_text().count("\n") - 1 if history.exists() else 0


def assert_ended_the_same(place, unbroken: Unbroken) -> None:
    """Compare the one run of a place with the run that was never stopped, part by part."""
    run = place.runs / only_run(place)
    compared = place.json("runs", "compare", "--exact", run, unbroken.run)
    assert {part["outcome"] for part in compared["parts"]} == {"same"}, compared["note"]
    there, wanted = ({path.name for path in folder.iterdir()} for folder in (run, unbroken.run))
    assert there == wanted, "no checkpoint and nothing half written is left"


# In process, before a file is put into its place.


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("history.csv", 0),
        ("history.csv", 1),
        (".checkpoint.part.bin", 2),
        ("checkpoint.previous.bin", 3),
        ("checkpoint.bin", 4),
        ("checkpoint.bin", 5),
        ("model.keras", 6),
        ("predictions.csv", 7),
        ("run.json", 8),
    ],
)
def test_a_process_that_ends_before_a_write_leaves_a_run_that_goes_on(both, never_stopped, monkeypatch, name, seed):
    whole = never_stopped("features-kept")
    with stopping(both.runs, whole.drawn(name, seed), Killed()), pytest.raises(Killed):
        both.derm("train", *PLANS["features-kept"])
    monkeypatch.setattr(Process, "is_alive", False)
    both.derm("train", "--resume", only_run(both))
    assert_ended_the_same(both, whole)


@pytest.mark.parametrize("name", ["plan.json", "run.json"])
def test_a_process_that_ends_before_its_run_began_leaves_no_run(both, never_stopped, name):
    whole = never_stopped("features-kept")
    with stopping(both.runs, whole.writes.index(name), Killed()), pytest.raises(Killed):
        both.derm("train", *PLANS["features-kept"])
    assert both.json("runs", "list") == []


@pytest.mark.parametrize(("name", "seed"), [("history.csv", 9), ("checkpoint.bin", 10), ("model.keras", 11)])
def test_a_full_disk_leaves_a_run_that_goes_on(both, never_stopped, monkeypatch, name, seed):
    whole = never_stopped("features-kept")
    with stopping(both.runs, whole.drawn(name, seed), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))):
        said = both.refused("train", *PLANS["features-kept"])
    run = only_run(both)
    assert said.startswith(f"Error: No space is left on the disk while run '{run}' was written in")
    assert said.endswith(f"go on with 'derm train --resume {run}'.")
    monkeypatch.setattr(Process, "is_alive", False)
    both.derm("train", "--resume", run)
    assert_ended_the_same(both, whole)


# What a run that goes on finds otherwise than it was.


@pytest.fixture
def stopped(both, never_stopped, monkeypatch):
    """The folder of a run that ended in its last epoch, with two checkpoints."""
    writes = never_stopped("features-kept").writes
    last = len(writes) - 1 - writes[::-1].index("history.csv")
    with stopping(both.runs, last, Killed()), pytest.raises(Killed):
        both.derm("train", *PLANS["features-kept"])
    monkeypatch.setattr(Process, "is_alive", False)
    return both.runs / only_run(both)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_used(both, stopped, never_stopped):
    newest, previous = stopped / layout.CHECKPOINT, stopped / layout.PREVIOUS_CHECKPOINT
    damage(newest)
    said = both.derm("train", "--resume", stopped.name).stderr
    assert f"Warning: The checkpoint '{newest}' is damaged: the one before it, '{previous}', is used." in said
    assert_ended_the_same(both, never_stopped("features-kept"))


def test_two_damaged_checkpoints_are_one_sentence(both, stopped):
    for name in (layout.CHECKPOINT, layout.PREVIOUS_CHECKPOINT):
        damage(stopped / name)
    said = both.refused("train", "--resume", stopped.name)
    assert said.startswith(f"Error: No checkpoint of run '{stopped.name}' is whole")
    assert said.endswith(f"train again from the start with 'derm train --repeat {stopped.name}'.")


def test_other_versions_are_told_of_and_store_no_stage(both, stopped, monkeypatch):
    versions = backend.versions() | {"numpy": "0.9"}
    monkeypatch.setattr(backend, "versions", lambda: versions)
    said = both.derm("train", "--resume", stopped.name, DERM_CACHE_LIMIT="1 GB").stderr
    assert f"Warning: run '{stopped.name}' began with numpy '" in said
    assert "here it is '0.9': it may not end with the bits that it would have had." in said
    assert both.json("runs", "show", stopped.name)["elsewhere"] == {"numpy": "0.9"}
    assert not list((both.root / "cache").glob("stages/*.bin"))


# In processes of their own.


@pytest.fixture
def process(both, plugin):
    """Start ``derm`` with the plugin in a process of its own."""
    started = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen:
        places = {"DERM_DATA": both.data, "DERM_RUNS": both.runs, "DERM_CACHE": both.root / "cache"}
        settings = {name: str(value) for name, value in places.items()} | {"PYTHONPATH": str(plugin)}
        started.append(
            subprocess.Popen(
                [DERM, *arguments],
                env={**os.environ, **settings, "DERM_CACHE_LIMIT": "0", "DERM_TRAIN_BASELINES": "no", **environment},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def kill(process: subprocess.Popen, runs: Path, epochs: int, delay: float) -> None:
    """Kill a training so many seconds after it has so many epochs behind it."""
    until = time.monotonic() + PATIENCE
    while not any(lines_of(history) >= epochs for history in runs.glob("*/history.csv")):
        assert process.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the training ended before it could be killed"


@pytest.mark.parametrize(
    ("plan", "kills", "seed"), [("frozen-block", 2, 12), ("hybrid", 1, 13), ("features-kept", 1, 14)]
)
def test_kill_9(both, process, never_stopped, plan, kills, seed):
    whole, draw = never_stopped(plan), random.Random(seed)
    arguments = ["train", *PLANS[plan]]
    for epochs in sorted(draw.sample(range(1, whole.epochs // 2), kills)):
        kill(process(*arguments), both.runs, epochs, delay=draw.uniform(0, 0.2))
        (line,) = both.json("runs", "list")
        assert line["status"] == "interrupted"
        arguments = ["train", "--resume", line["id"]]
        assert f"derm train --resume {line['id']}" in both.refused("evaluate", line["id"])
    both.derm(*arguments)
    assert_ended_the_same(both, whole)
    assert "there is nothing to go on with" in both.refused(*arguments)


def test_a_run_whose_processes_kill_themselves_again_and_again(both, process, never_stopped):
    """Each of them before a write that is drawn, wherever that stands, until one comes to the end."""
    whole = never_stopped("features-kept")
    draw, deaths, arguments = random.Random(15), 0, ["train", *PLANS["features-kept"]]
    while (status := process(*arguments, REPLACES=str(draw.randrange(10, 25))).wait()) != 0:
        assert status == -signal.SIGKILL
        deaths += 1
        arguments = ["train", "--resume", only_run(both)]
    assert deaths >= 2
    assert_ended_the_same(both, whole)
