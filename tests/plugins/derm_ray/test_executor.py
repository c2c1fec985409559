"""The executor ``ray``, on a real cluster of three nodes of this machine."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from derm_cli.plugin import RequestError
from derm_cli.runs import layout
from derm_ray import executor
from derm_ray.cluster import Node
from derm_ray.executor import RAY
from derm_ray.tasks import attempts_of
from tests.support import trees
from tests.support.commands import Place
from tests.support.holding_plugin import install_holding_plugin
from tests.support.killing_plugin import install_plugin
from tests.support.ray_cluster import RayCluster, ray_cluster

DERM = Path(sys.executable).with_name("derm")
PATIENCE = 200
STUDY = """
reference = "longer"
[options]
backbone = "tiny"
size = 32
epochs = 1
baselines = false
[[rows]]
name = "longer"
per-class = 1
chain = "imagenet,ham10000,pad-ufes-20"
[[rows]]
name = "shorter"
per-class = 1
chain = "imagenet,ham10000"
[[rows]]
name = "alone"
per-class = 2
chain = "imagenet,pad-ufes-20"
"""
TOO_LARGE = """
[[rows]]
name = "too large"
backbone = "too-large"
chain = "pad-ufes-20"
"""


@pytest.fixture(scope="module")
def nodes() -> Iterator[RayCluster]:
    with ray_cluster() as cluster:
        yield cluster
    assert not cluster.processes
    assert not cluster.folder.exists()


PROGRAM = """
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from derm_cli.plugin import ComponentOption, DermError, StudyProcess
from derm_cli.plugin.testing import check_executor
from derm_ray.executor import ADDRESS, RAY

folder, said = Path(sys.argv[2]), {}
options = tuple(replace(each, default=sys.argv[1]) if each.name == ADDRESS else each for each in RAY.options)
executor = replace(RAY, options=options)
check_executor(executor)

there = executor.capacity(executor.asked(options={"cpus-per-stage": 1}))
said["capacity"] = [there.workers, there.cores]

for name in ("store", "data"):
    try:
        executor.start(replace(there, **{name: {"made": Path("/proc/self/cwd") / name}}))
    except DermError as error:
        said[name] = str(error)

begun = executor.start(there)
listens = "import sys; print('begun', flush=True); sys.stdin.read(); print('asked to stop')"
for number in range(4):
    command = (sys.executable, "-c", listens)
    begun.begin(StudyProcess(key=str(number), command=command, environment={}, log=folder / f"{number}.log"))
try:
    while sum("begun" in path.read_text() for path in folder.glob("*.log")) < 3:
        begun.ended(0.1)
    os.kill(os.getpid(), signal.SIGINT)
    begun.ended(60)
except KeyboardInterrupt:
    begun.stop()
said["stopped"] = {end.key: end.fault for end in begun.ended(0)}
said["logs"] = sorted(path.read_text() for path in folder.glob("*.log"))
print(json.dumps(said))
"""


def test_it_keeps_to_the_contract_asks_every_node_and_stops_at_once(nodes, tmp_path):
    """In a process of its own, since Ray leaves much open in the one that is connected."""
    # 127.0.0.1, also as an address of IPv6: nobody else can reach what runs what it is told to.
    assert nodes.addresses <= {"0100007F", "0000000000000000FFFF00000100007F"}
    for name in ("store", "data"):
        (nodes.seen / name).mkdir()
    (nodes.seen / "data" / "a.jpg").touch()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, nodes.address, tmp_path],
        env={**os.environ, **nodes.variables, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=nodes.seen,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["capacity"] == [3, 1]
    assert said["store"].startswith("Node 'three' does not see the folder of made, '/proc/self/cwd/store'")
    assert said["data"].startswith("Node 'three' lacks '/proc/self/cwd/data' of dataset 'made'")
    # The fourth was waiting for room.
    assert said["logs"] == ["begun\nasked to stop\n"] * 3
    assert sorted(said["stopped"].values()) == ["", "", "", "it was cancelled before it was begun"]


@pytest.mark.parametrize(
    ("cpus", "gpus", "asked", "options", "expected"),
    [
        ((8, 4), (0, 0), (0, 0), {}, (3, 4)),
        ((8, 2), (0, 0), (0, 0), {}, (2, 4)),
        ((2, 1), (0, 0), (0, 0), {}, (1, 2)),
        ((8, 4), (0, 0), (0, 2), {}, (6, 2)),
        ((8, 4), (0, 0), (5, 2), {}, (5, 2)),
        ((8, 4), (0, 0), (0, 0), {"cpus-per-stage": 8}, (1, 8)),
        ((8, 8), (2, 0), (0, 2), {}, (2, 2)),
        ((8, 8), (2, 0), (0, 2), {"gpus-per-stage": 0.5}, (4, 2)),
        ((8, 8), (2, 0), (0, 2), {"gpus-per-stage": 0.0}, (8, 2)),
    ],
)
def test_there_is_as_much_as_the_nodes_have(monkeypatch, cpus, gpus, asked, options, expected):
    of_nodes = [Node(f"{cpu}", "n", cpu, gpu) for cpu, gpu in zip(cpus, gpus, strict=True)]
    monkeypatch.setattr(executor, "_nodes", lambda _: of_nodes)
    found = RAY.capacity(RAY.asked(*asked, options))
    assert (found.workers, found.cores) == expected


@pytest.mark.parametrize(
    ("asked", "options", "sentence"),
    [
        (
            (0, 16),
            {},
            "No node of the Ray cluster has 16 CPUs, .* the largest has 8 CPUs: give fewer, as in --c",
        ),
        ((0, 0), {"gpus-per-stage": 2.0}, "No node of the Ray cluster has 2 GPUs and 4 CPUs"),
        ((0, 2), {"cpus-per-stage": 4}, "--cpus-per-stage is '4', but each process of the study has '2' cores"),
    ],
)
def test_what_no_node_has_is_refused(monkeypatch, asked, options, sentence):
    monkeypatch.setattr(executor, "_nodes", lambda _: [Node("1", "n", 8, 0)])
    with pytest.raises(RequestError, match=sentence):
        RAY.capacity(RAY.asked(*asked, options))


def test_without_the_extra_a_study_is_refused_before_it_is_begun(place, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    (place.root / "new.toml").write_text('[options]\nchain = "pad-ufes-20"\nbackbone = "resnet50"\n')
    sentence = place.refused("study", "run", place.root / "new.toml", "--executor", "ray")
    assert "run pip install 'derm-cli[ray]', or take --executor local." in sentence
    assert not (place.runs / "studies").exists()


def parent_of(pid: int) -> int:
    text = Path(f"/proc/{pid}/stat").read_text()
    return int(text.rpartition(")")[2].split()[1])


@dataclass
class HeldStudy:
    """A study whose trainings wait after each epoch until they are let go, as processes of a command carry it out."""

    place: Place
    file: Path
    folder: Path
    variables: Mapping[str, str]
    known: set[str] = field(default_factory=set)

    @property
    def logs(self) -> Path:
        return self.place.runs / "studies" / self.file.stem / "logs"

    def begun(self, *arguments: str | Path, place: Place | None = None) -> subprocess.Popen[str]:
        """Begin ``derm study`` with ``arguments``."""
        root = (place or self.place).root
        folders = {"DERM_DATA": self.place.data, "DERM_RUNS": root / "runs", "DERM_CACHE": root / "cache"}
        folders |= {"DERM_HELD_IN": self.folder}
        variables = {**os.environ, **self.variables, **{name: str(path) for name, path in folders.items()}}
        variables["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [DERM, "study", *arguments]
        return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def await_both(self, driver: subprocess.Popen[str]) -> dict[str, int]:
        """Return the processes of both units that are trained first, by their keys, once both are held anew."""
        until = time.monotonic() + PATIENCE
        while True:
            here = {path.name for path in self.folder.glob("[0-9]*-*")} - self.known
            processes = dict(name.split("-") for name in here)
            if len(processes) == 2:
                self.known |= here
                return {self.unit(int(number)): int(process) for number, process in processes.items()}
            assert driver.poll() is None, driver.communicate()
            assert time.monotonic() < until, list(self.folder.iterdir())
            time.sleep(0.02)

    def unit(self, per_class: int) -> str:
        """Return the key of the unit that is trained with so many photographs of a class in a batch."""
        (beginning,) = {path.name.partition(".")[0] for path in self.logs.parent.glob("work/stage-*.json")}
        return {1: beginning, 2: "0003"}[per_class]

    def let_go(self) -> None:
        (self.folder / "go").touch()


@pytest.fixture
def study(nodes, place, tmp_path, monkeypatch) -> HeldStudy:
    """Two rows that share a beginning, one that does not, and one whose process ends as where memory runs out."""
    for install, name in ((install_plugin, "tiny"), (install_holding_plugin, "holding")):
        (tmp_path / name).mkdir()
        monkeypatch.syspath_prepend(install(tmp_path / name))
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    trees.make_ham(place.data / "ham10000", per_class=4)
    (tmp_path / "held").mkdir()
    file = place.root / "lost.toml"
    file.write_text(STUDY + TOO_LARGE)
    return HeldStudy(place, file, tmp_path / "held", nodes.variables)


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
    begun_on = {key: attempts_of(study.logs / f"{key}.log")[-1] for key in processes}
    # The head, to which the driver is connected, is not the node that is lost.
    lost = next(key for key, node in begun_on.items() if node != "one")
    (other,) = processes.keys() - {lost}
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
    assert [each["status"] for each in by_ray.values()] == [*["finished"] * 3, "failed"]
    memory = "its process was ended by SIGKILL, as the system does where memory runs out, on "
    assert by_ray["0004"]["reason"].startswith(memory)
    for key, node in begun_on.items():
        attempts = attempts_of(study.logs / f"{key}.log")
        assert len(attempts) == 2, attempts
        assert (key == lost) <= (attempts[1] != node)
    # Ray says much of what it lost: the terminal has derm's lines alone.
    lines = [line for line in said.splitlines() if "raylet" in line or "Ray" in line]
    assert not lines, lines
    stages = study.place.json("runs", "show", by_ray["0001"]["run"])["stages"]
    assert [(each["source"], each["run"]) for each in stages] == [
        ("store", study.unit(1)),
        ("trained", by_ray["0001"]["run"]),
    ]
    for key in ("0001", "0002", "0003"):
        for name in (layout.PREDICTIONS, layout.SPLIT, layout.HISTORY):
            here, there = study.place.runs / by_ray[key]["run"] / name, alone.runs / by_local[key]["run"] / name
            assert bits(here) == bits(there), (key, name)


def bits(path: Path) -> bytes | list[tuple[str, ...]]:
    """Return a file, or of a run's history what does not hang on how long it took."""
    if path.name != layout.HISTORY:
        return path.read_bytes()
    with path.open(newline="", encoding="utf-8") as file:
        return [(each["loss"], each["accuracy"]) for each in csv.DictReader(file)]
