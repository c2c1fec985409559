"""A study is killed, and interrupted, and gone on with: it ends with the bits of trainings by themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derm_cli.runs import layout
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
