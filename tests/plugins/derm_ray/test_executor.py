"""The executor ``ray``, on a real cluster of three nodes of this machine."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from derm_cli.runs import layout
from derm_ray.tasks import attempts_of
from tests.support import trees
from tests.support.commands import Place
from tests.support.holding_plugin import install_holding_plugin
from tests.support.killing_plugin import install_plugin
from tests.support.ray_cluster import VARIABLES, RayCluster, ray_cluster

DERM = Path(sys.executable).with_name("derm")
PATIENCE = 90
STUDY = """
reference = "slow"
[options]
backbone = "tiny"
size = 32
epochs = 1
baselines = false
chain = "pad-ufes-20"
[[rows]]
name = "slow"
per-class = 1
[[rows]]
name = "fast"
per-class = 2
"""
TOO_LARGE = """
[[rows]]
name = "too large"
backbone = "too-large"
"""
# A cluster is looked after by Ray's own processes, which are as many as a node's cores let begin.
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("ray")]


@pytest.fixture(scope="module")
def nodes() -> Iterator[RayCluster]:
    with ray_cluster() as cluster:
        yield cluster
    assert not cluster.processes
    assert not cluster.folder.exists()


def parent_of(pid: int) -> int:
    text = Path(f"/proc/{pid}/stat").read_text()
    return int(text.rpartition(")")[2].split()[1])


@dataclass
class HeldStudy:
    """A study whose trainings wait after each epoch until they are let go, as processes of a command carry it out."""

    place: Place
    file: Path
    folder: Path
    known: set[str] = field(default_factory=set)

    @property
    def logs(self) -> Path:
        return self.place.runs / "studies" / self.file.stem / "logs"

    def begun(self, *arguments: str | Path, place: Place | None = None) -> subprocess.Popen[str]:
        """Begin ``derm study`` with ``arguments``."""
        root = (place or self.place).root
        folders = {"DERM_DATA": self.place.data, "DERM_RUNS": root / "runs", "DERM_CACHE": root / "cache"}
        folders |= {"DERM_HELD_IN": self.folder}
        variables = {**os.environ, **VARIABLES, **{name: str(path) for name, path in folders.items()}}
        variables["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [DERM, "study", *arguments]
        return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def await_both(self, driver: subprocess.Popen[str]) -> dict[str, int]:
        """Return the processes of both rows, by the seed that tells them apart, once both are held anew."""
        until = time.monotonic() + PATIENCE
        while True:
            here = {path.name for path in self.folder.glob("[0-9]*-*")} - self.known
            processes = dict(name.split("-") for name in here)
            if len(processes) == 2:
                self.known |= here
                return {row: int(process) for row, process in processes.items()}
            assert driver.poll() is None, driver.communicate()
            assert time.monotonic() < until, list(self.folder.iterdir())
            time.sleep(0.02)

    def let_go(self) -> None:
        (self.folder / "go").touch()


@pytest.fixture
def study(place, tmp_path, monkeypatch) -> HeldStudy:
    """A study of two rows, and of a third whose process is ended as the system does where memory runs out."""
    for install, name in ((install_plugin, "tiny"), (install_holding_plugin, "holding")):
        (tmp_path / name).mkdir()
        monkeypatch.syspath_prepend(install(tmp_path / name))
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    (tmp_path / "held").mkdir()
    file = place.root / "lost.toml"
    file.write_text(STUDY + TOO_LARGE)
    return HeldStudy(place, file, tmp_path / "held")


def ended(driver: subprocess.Popen[str], status: int) -> str:
    """Return what a command printed, which ends with an exit status."""
    said, told = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == status, (said, told)
    return said + told


def test_whatever_is_lost_a_study_ends_with_the_bits_of_one_by_local(nodes, study, place_in, tmp_path):
    options = ("--executor", "ray", "--address", nodes.address, "--cpus-per-stage", "1")
    driver = study.begun("run", study.file, *options)
    study.await_both(driver)
    driver.kill()
    driver.communicate()

    driver = study.begun("resume", study.file.stem)
    processes = study.await_both(driver)
    begun_on = {key: attempts_of(study.logs / f"{key}.log")[-1] for key in ("0001", "0002")}
    # The head, to which the driver is connected, is not the node that is lost.
    lost = next(key for key, node in begun_on.items() if node != "one")
    other = "0002" if lost == "0001" else "0001"
    os.kill(parent_of(processes[other]), signal.SIGKILL)
    nodes.remove(begun_on[lost])
    study.let_go()
    alone = place_in(tmp_path / "local")
    both = tmp_path / "both.toml"
    both.write_text(STUDY)
    local = study.begun("run", both, "--workers", "1", "--cores", "1", place=alone)
    said = ended(driver, 1)
    ended(local, 0)

    by_ray = {each["key"]: each for each in study.place.json("study", "show", study.file.stem)["runs"]}
    by_local = {each["key"]: each for each in alone.json("study", "show", "both")["runs"]}
    assert [each["status"] for each in by_ray.values()] == ["finished", "finished", "failed"]
    memory = "its process was ended by SIGKILL, as the system does where memory runs out, on "
    assert by_ray["0003"]["reason"].startswith(memory)
    for key, node in begun_on.items():
        attempts = attempts_of(study.logs / f"{key}.log")
        assert len(attempts) == 2, attempts
        assert (key == lost) <= (attempts[1] != node)
    # Ray says much of what it lost: the terminal has derm's lines alone.
    lines = [line for line in said.splitlines() if "raylet" in line or "Ray" in line]
    assert not lines, lines
    for key in ("0001", "0002"):
        for name in (layout.PREDICTIONS, layout.SPLIT, layout.HISTORY):
            here, there = study.place.runs / by_ray[key]["run"] / name, alone.runs / by_local[key]["run"] / name
            assert bits(here) == bits(there), (key, name)


def bits(path: Path) -> bytes | list[tuple[str, ...]]:
    """Return a file, or of a run's history what does not hang on how long it took."""
    if path.name != layout.HISTORY:
        return path.read_bytes()
    with path.open(newline="", encoding="utf-8") as file:
        return [(each["loss"], each["accuracy"]) for each in csv.DictReader(file)]
