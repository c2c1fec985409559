"""TensorBoard's event files, read back with TensorBoard's own reader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from derm_cli.plugin import DermError, EpochReport, RunFacts, StudyFacts
from derm_cli.plugin.registry import Registry
from derm_trackers import tensorboard
from tests.support import told_runs
from tests.support.sources import ROOT
from tests.support.told_runs import PLACES, PLAN, numbers_of, report

train = partial(told_runs.train, tensorboard)


@pytest.fixture
def run(tmp_path, monkeypatch) -> RunFacts:
    monkeypatch.setenv("DERM_TENSORBOARD", "1")
    return RunFacts(id="a-run", folder=tmp_path / "a-run", plan=PLAN, synthetic=True)


def read(folder: Path) -> EventAccumulator:
    reader = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0, "tensors": 0})
    return reader.Reload()


def curves(run: RunFacts) -> dict[str, list[tuple[int, float]]]:
    """Return steps and numbers by tag, as TensorBoard reads them."""
    reader = read(run.folder)
    return {tag: [(each.step, each.value) for each in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def texts(run: RunFacts) -> dict[str, list[tuple[int, str]]]:
    """Return steps and texts by tag, as TensorBoard reads them."""
    reader = read(run.folder)
    return {
        tag: [(each.step, make_ndarray(each.tensor_proto).item().decode()) for each in reader.Tensors(tag)]
        for tag in reader.Tags()["tensors"]
    }


def test_every_number_of_every_epoch_is_read_back_equal(run):
    epochs = [report(*place) for place in PLACES]
    train(run, epochs)
    found = curves(run)
    expected: dict[str, list[tuple[int, float]]] = {}
    for step, epoch in enumerate(epochs, start=1):
        for name, number in numbers_of(epoch).items():
            expected.setdefault(name, []).append((step, float(np.float32(number))))
    assert found == expected
    assert {"loss", "accuracy", "head_rate", "block_rate", "memory_bytes", "validation_loss"} <= set(expected)
    assert [step for step, _ in found["validation_loss"]] == [5, 6, 7, 8], "None is no point"


@pytest.mark.parametrize(
    ("row", "fold", "folder"),
    [
        ("chain imagenet,clinic", 0, "chain imagenet,clinic/seed 0"),
        ("first", 2, "first/seed 0, fold 2"),
        ("../out", 0, "%2E.%2Fout/seed 0"),
        ("..", 0, "%2E./seed 0"),
    ],
)
def test_of_a_study_each_row_has_a_folder_below_the_study_s(run, tmp_path, row, fold, folder):
    study = StudyFacts(name="s", folder=tmp_path / "studies" / "s")
    plan = replace(PLAN, folds=3 if fold else 0, fold=fold)
    train(replace(run, study=study, row=row, plan=plan), [report(*place) for place in PLACES[:2]])
    written = sorted(path.parent for path in (tmp_path / "studies").rglob("events*"))
    assert written == [study.folder / "tensorboard" / folder]
    reader = EventAccumulator(str(written[0])).Reload()
    assert [each.step for each in reader.Scalars("loss")] == [1, 2]
    assert not (run.folder / "tensorboard").exists()


def test_stages_that_rows_share_have_no_curve_of_their_own(run, tmp_path):
    train(replace(run, study=StudyFacts(name="s", folder=tmp_path / "s"), row=""), [report(*PLACES[0])])
    assert not list(tmp_path.rglob("events*"))


def test_names_that_are_formulas_are_shown_as_they_are(run):
    train(run, [replace(report(*PLACES[0]), stage_name="=1+1", phase_name="@head\r")])
    assert texts(run)["stage_name"] == [(1, "=1+1")]
    assert texts(run)["phase_name"] == [(1, "@head\r")]


def test_phases_are_seen_where_they_begin(run):
    train(run, [report(*place) for place in PLACES])
    found = texts(run)
    assert found["stage_name"] == [(1, "edra"), (3, "edra"), (5, "clinic"), (7, "clinic")]
    assert found["phase_name"] == [(1, "head"), (3, "top"), (5, "head"), (7, "top")]
    assert [value for _, value in curves(run)["phase"]] == [0, 0, 1, 1, 0, 0, 1, 1]


def test_the_plan_is_a_text_that_says_whether_photographs_are_made(run):
    train(run, [report(0, 0, 0)])
    ((step, text),) = texts(run)["plan"]
    made, _, block = text.partition("\n\n")
    assert (step, made) == (0, "Synthetic photographs are among those of this run.")
    assert json.loads(block.removeprefix("```json").removesuffix("```")) == PLAN.to_json()
    train(replace(run, folder=run.folder.with_name("taken"), synthetic=False), [report(0, 0, 0)])
    ((_, text),) = texts(replace(run, folder=run.folder.with_name("taken")))["plan"]
    assert text.startswith("```json")


def points(epochs: list[EpochReport]) -> list[tuple[int, float]]:
    return [(step, float(np.float32(epoch.loss))) for step, epoch in enumerate(epochs, start=1)]


def test_a_run_that_is_gone_on_with_has_one_curve_without_gap_or_double_point(run):
    epochs = [report(*place) for place in PLACES]
    train(run, epochs[:5])
    (killed,) = (run.folder / "tensorboard").iterdir()
    with killed.open("ab") as file:
        file.write(b"half a rec")
    again = [replace(epoch, loss=2.5) for epoch in epochs[3:]]
    train(run, again, done=epochs[:3])
    assert curves(run)["loss"] == points([*epochs[:3], *again]), "epochs after the last checkpoint are trained again"


def test_epochs_that_another_run_trained_are_in_the_curve(run):
    epochs = [report(*place) for place in PLACES]
    train(run, epochs[4:], done=epochs[:4])
    assert curves(run)["loss"] == points(epochs)
    assert texts(run)["phase_name"] == [(1, "head"), (3, "top"), (5, "head"), (7, "top")]


def test_an_epoch_s_time_is_when_it_ended_without_what_interrupted_the_run(run):
    epochs = [report(*place) for place in PLACES]
    train(run, epochs[2:3], done=epochs[:2])
    first, second, third = (event.wall_time for event in read(run.folder).Scalars("loss"))
    assert (second - first, third - second) == (pytest.approx(60.5, abs=0.01), pytest.approx(60.5, abs=0.01))
    assert third == pytest.approx(time.time(), abs=60)


def test_a_phase_that_is_stopped_early_leaves_no_gap(run):
    train(run, [report(0, 0, 0), report(0, 1, 0)])
    assert [step for step, _ in curves(run)["loss"]] == [1, 2]


def test_an_epoch_is_in_the_file_when_its_hook_returns(tmp_path):
    program = """
import os, signal, sys
from pathlib import Path
from test_tensorboard import PLAN, report, train
from derm_cli.plugin import RunFacts
train(RunFacts(id="a-run", folder=Path(sys.argv[1]), plan=PLAN, synthetic=False), [report(0, 0, 0), report(0, 0, 1)])
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {"DERM_TENSORBOARD": "1", "PYTHONPATH": str(Path(__file__).parent)}
    folder = tmp_path / "a-run"
    done = subprocess.run([sys.executable, "-c", program, folder], cwd=ROOT, env=environment, check=False)
    assert done.returncode == -9
    found = curves(RunFacts(id="a-run", folder=folder, plan=PLAN, synthetic=False))
    assert [step for step, _ in found["loss"]] == [1, 2]


@pytest.mark.parametrize("value", [None, "", "0"])
def test_it_is_off_by_default(run, monkeypatch, value):
    monkeypatch.delenv("DERM_TENSORBOARD") if value is None else monkeypatch.setenv("DERM_TENSORBOARD", value)
    train(run, [report(0, 0, 0)])
    assert [path.name for path in run.folder.iterdir()] == ["history.csv"]


def test_another_value_is_refused(run, monkeypatch):
    monkeypatch.setenv("DERM_TENSORBOARD", "yes")
    with pytest.raises(DermError, match="DERM_TENSORBOARD is 'yes', but must be 1"):
        train(run, [])


def test_without_the_library_a_sentence_names_the_extra(run, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    registry = Registry(only=["tensorboard"])
    with pytest.raises(DermError) as caught:
        train(run, [])
    assert "pip install 'derm-cli[tensorboard]'" in str(caught.value)
    assert "\n" not in str(caught.value)
    registry.tell("derm_run_started", run=run)
    assert "derm_run_started says: " in capsys.readouterr().err
    assert not (run.folder / "tensorboard").exists()


def test_a_full_disk_is_told_of_and_the_run_goes_on(run, capsys):
    run.folder.mkdir()
    registry = Registry(only=["tensorboard"])
    registry.tell("derm_run_started", run=run)
    (event_file,) = (run.folder / "tensorboard").iterdir()
    event_file.unlink()
    event_file.symlink_to("/dev/full")
    (run.folder / "history.csv").write_text("epoch,loss,seconds\n0,1,2\n")
    registry.tell("derm_epoch_ended", run=run, epoch=report(0, 0, 0))
    warned = capsys.readouterr().err
    assert re.search(
        r"Plugin 'tensorboard' \(derm-cli \S+\): derm_epoch_ended fails \(OSError: \[Errno 28\] No sp", warned
    )
    assert "tell its author" not in warned


def test_importing_the_plugin_imports_neither_tensorboard_nor_a_training_framework():
    program = (
        "import sys, derm_trackers.tensorboard\n"
        "print(sorted({'tensorboard', 'tensorflow', 'keras', 'pandas', 'numpy', 'google'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_writing_imports_no_training_framework(tmp_path):
    program = """
import sys
from pathlib import Path
from derm_trackers import tensorboard
from derm_cli.plan import Plan, Preprocessing
from derm_cli.plugin import RunFacts
plan = Plan(backbone="made", weights=None, target="clinic", stages=(), preprocessing=Preprocessing(size=32))
run = RunFacts(id="a-run", folder=Path(sys.argv[1]), plan=plan, synthetic=False)
tensorboard.derm_run_started(run=run)
(run.folder / "history.csv").write_text("epoch,loss,seconds\\n0,1.5,2\\n")
tensorboard.derm_epoch_ended(run=run)
print(sorted({"tensorflow", "keras", "jax"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env={"DERM_TENSORBOARD": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n"
    assert curves(RunFacts(id="a-run", folder=tmp_path, plan=PLAN, synthetic=False))["loss"] == [(1, 1.5)]
