"""A study is killed, and interrupted, and gone on with: it ends with the bits of trainings by themselves.

And whatever keeps one of its trainings from its end, the others come to theirs.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ai_edge_litert.interpreter import Interpreter

from derm_cli.plugin import Capacity, ExecutorSpec, ProcessEnd, StudyProcess
from derm_cli.runs import layout
from derm_cli.studies.executing.assignment import Assignment
from derm_cli.studies.executing.worker import carry_out_assignment
from derm_executors import local
from derm_recipes import losses
from tests.support import trees
from tests.support.killing_plugin import install_plugin

DERM = Path(sys.executable).with_name("derm")
PATIENCE = 240
STUDY = """
folds = 2
[options]
backbone = "tiny"
size = 32
epochs = 2
baselines = false
chain = "ham10000,pad-ufes-20"
"""
FOLD = ("--backbone", "tiny", "--size", "32", "--epochs", "2", "--chain", "ham10000,pad-ufes-20", "--fold", "2/2")
pytestmark = pytest.mark.xdist_group("studies")


@pytest.fixture
def study(place, tmp_path_factory, monkeypatch) -> Path:
    """Two small datasets, a backbone that learns fast, and a study of two folds."""
    plugin = install_plugin(tmp_path_factory.mktemp("plugin"))
    monkeypatch.syspath_prepend(plugin)
    trees.make_ham(place.data / "ham10000", per_class=4)
    trees.make_pad(place.data / "pad-ufes-20", per_class=6)
    path = place.root / "folds.toml"
    path.write_text(STUDY)
    return path


def await_file(pattern: str, folder: Path, process: subprocess.Popen) -> Path:
    until = time.monotonic() + PATIENCE
    while not (paths := list(folder.glob(pattern))):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    return paths[0]


def test_a_study_that_is_killed_ends_with_the_bits_of_trainings_by_themselves(place, study):
    folders = {"DERM_DATA": place.data, "DERM_RUNS": place.runs, "DERM_CACHE": place.root / "cache"}
    variables = {**os.environ, **{name: str(path) for name, path in folders.items()}}
    variables["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [DERM, "study", "run", str(study), "--workers", "1"]

    def begun() -> subprocess.Popen:
        # As a terminal does, in a process group of its own.
        return subprocess.Popen(
            command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    killed = begun()
    folder = place.runs / "studies" / "folds"
    # The first unit is the beginning that both folds share.
    await_file("work/stage-*.progress.json", folder, killed)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)

    # Ctrl-C reaches every process of the group.
    stopped = begun()
    await_file("work/0001.progress.json", folder, stopped)
    os.killpg(stopped.pid, signal.SIGINT)
    _, said = stopped.communicate(timeout=PATIENCE)
    assert stopped.returncode == 130, said
    assert "Study 'folds' was interrupted with 2 of 2 trainings to go: go on with 'derm study resume folds'." in said
    assert "Traceback" not in said
    assert [each["status"] for each in place.json("study", "show", "folds")["runs"]] == ["interrupted", "waiting"]

    text = place.derm("study", "resume", "folds").stdout
    assert "2 of 2 trainings finished" in text
    first, second = (place.runs / each["run"] for each in place.json("study", "show", "folds")["runs"])
    for run in (first, second):
        stages = place.json("runs", "show", run.name)["stages"]
        assert [stage["source"] for stage in stages] == ["store", "trained"]
        assert stages[0]["run"].startswith("stage-")
    assert not list((folder / "stages").iterdir())

    costs = place.json("study", "report", "folds")["cost"]
    assert costs["saved_by_sharing"]["seconds"] > 0
    assert list(costs["shared"]) == [stages[0]["run"]]

    alone = place.json("train", *FOLD, "--no-store")
    for name in (layout.PREDICTIONS, layout.SPLIT):
        assert (place.runs / alone["run"] / name).read_bytes() == (second / name).read_bytes(), name
    # What is finished is taken, by the study and by the command of its one row.
    assert "2 of 2 trainings finished" in place.derm("study", "run", study, "--workers", "1").stdout
    assert "Fewer than two rows have figures" in place.derm("study", "report", "folds").stdout
    # Another study of the same takes the runs, and trains no beginning that only they would have needed.
    shutil.rmtree(place.root / "cache" / "stages")
    assert place.json("study", "plan", study, "--name", "again", "--workers", "1")["work"] == []
    taken = place.json("study", "run", study, "--name", "again", "--workers", "1")["runs"]
    assert [each["run"] for each in taken] == [first.name, alone["run"]]
    assert not (place.runs / "studies" / "again" / "work").exists()


FAILING = """
[options]
backbone = "tiny"
size = 32
epochs = 1
baselines = false
[[rows]]
name = "of a class without photographs"
chain = "ham10000,pad-ufes-20"
[[rows]]
name = "and another"
chain = "ham10000"
[[rows]]
name = "diverges"
chain = "pad-ufes-20"
phase = ["loss=focal"]
[[rows]]
name = "sound"
chain = "pad-ufes-20"
"""


class InThisProcess:
    """Carries out what a study's processes do, one after another, in this one, which has its framework already."""

    def __init__(self, _: Capacity) -> None:
        self.begun: list[str] = []

    def begin(self, process: StudyProcess) -> None:
        path = Path(process.command[-1])
        carry_out_assignment(Assignment.read(path), path.parent).write(path.parent, process.key)
        self.begun.append(process.key)

    def ended(self, patience: float) -> list[ProcessEnd]:
        ends, self.begun = self.begun, []
        return [ProcessEnd(key=key) for key in ends]

    def stop(self) -> None: ...


def test_a_class_too_small_and_a_loss_that_is_no_number_are_rows_with_their_reason(place, study, monkeypatch):
    """Neither is known before photographs are decoded, so each comes from the process that trains."""
    for line in (place.data / "ham10000" / "HAM10000_metadata").read_text().splitlines():
        _, image, label, *_ = line.split(",")
        if label == "df":
            (path,) = place.data.glob(f"ham10000/*/{image}.jpg")
            path.write_bytes(b"no photograph")
    here = ExecutorSpec(
        name="local", title="Here", capacity=lambda _: Capacity(workers=1, cores=1), start=InThisProcess
    )
    monkeypatch.setattr(local, "LOCAL", here)
    monkeypatch.setattr(losses, "focal", lambda *_: lambda targets, logits, _: logits[:, 0] * float("nan"))
    study.write_text(FAILING)
    said = place.derm("study", "run", study, exit_status=1).output
    assert "1 of 4 trainings finished" in said
    few, other, diverges, sound = place.json("study", "show", study.stem)["runs"]
    assert [each["status"] for each in (few, other, diverges, sound)] == [*["failed"] * 3, "finished"]
    why = "Stage 'ham10000' has no photograph of class 'df' to train on: add some, or leave the class out."
    assert few["reason"] == other["reason"] == f"the stages that it shares with others did not finish: {why}"
    assert re.match(r"The loss became '(nan|inf)' in stage 'pad-ufes-20'", diverges["reason"])
    assert (place.runs / sound["run"] / layout.PREDICTIONS).exists()

    exported = place.derm("study", "export", study.stem, "--tflite", exit_status=1)
    assert [line.split()[:2] for line in exported.stdout.splitlines() if line.startswith("sound ")] == [
        ["sound", "tflite"]
    ]
    assert exported.stdout.count("Not exported: ") == 3
    (row,) = place.json("study", "export", study.stem, "--tflite", "--row", "sound")["rows"]
    assert [artefact["is_new"] for artefact in row["artefacts"]] == [False]
    assert Interpreter(row["artefacts"][0]["path"]).get_signature_list()["serving_default"]["outputs"] == [
        "probabilities"
    ]
