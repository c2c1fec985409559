"""int8 on real photographs: calibrated by as many of each class, judged by class, and refused with the class named."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.exports.__main__ import shown_run
from benchmarks.exports.judging import JudgedFile, judged, write_judged
from derm_cli import config
from derm_cli.data.preprocessing import read_photograph
from derm_cli.plugin import CalibrationPhotographs
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.exporting import export
from derm_cli.workflows.exporting.calibration import PHOTOGRAPHS, calibration_photographs
from derm_cli.workflows.session import Session
from mobile_export.specs import TFLITE

CLASSES = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")


@pytest.fixture(scope="module")
def run(real_run) -> Path:
    place, name = real_run
    return place.runs / name


@pytest.fixture(scope="module")
def places(real_run, real_data) -> tuple[Path, Path]:
    return real_data, real_run[0].root / "cache"


@pytest.fixture(scope="module")
def files(run, places, tmp_path_factory) -> tuple[Path, dict[str, JudgedFile]]:
    folder = tmp_path_factory.mktemp("files")
    write_judged(run, folder, ["none", "int8"], *places)
    return folder, {each.variant: each for each in judged(run, folder, ("none", "int8"), *places)}


@pytest.fixture(scope="module")
def calibration(run, places) -> CalibrationPhotographs:
    data, cache = places
    session = Session(config.load({"data": str(data), "cache": str(cache)}, {}))
    return calibration_photographs(session, RunFolder(run))


@pytest.fixture(scope="module")
def cases(run) -> pd.DataFrame:
    return pd.read_csv(run / "split.csv", dtype=str)


def test_calibration_takes_as_many_of_each_class_as_can_be_had(calibration, cases):
    train = cases[cases["part"] == "train"]
    taken = Counter(train.set_index("sha256").loc[list(calibration.sha256), "label"])
    assert set(calibration.sha256) <= set(train["sha256"])
    assert len(set(calibration.sha256)) == sum(taken.values()) == PHOTOGRAPHS
    most = max(taken.values())
    for name, there in train["label"].value_counts().items():
        assert taken[name] >= min(there, most - 1), (name, taken)
    assert train["label"].value_counts(normalize=True).max() > 0.2, "as they come, one class would be a fifth or more"


def answers(file: Path, rows: pd.DataFrame, data: Path) -> np.ndarray:
    predictor = TFLITE.load(file)
    photographs = [read_photograph(data / "pad-ufes-20" / name, predictor.facts.preprocessing) for name in rows["file"]]
    return predictor(np.stack(photographs))


def test_what_is_told_of_int8_is_counted_by_hand(files, run, cases, real_data):
    folder, told = files
    rows = pd.read_csv(run / "predictions.csv", dtype={"case_id": str}).merge(cases[["case_id", "file"]], on="case_id")
    before = rows[[f"p_{name}" for name in CLASSES]].to_numpy()
    after = answers(folder / "int8" / "model.tflite", rows, real_data)
    same = before.argmax(axis=1) == after.argmax(axis=1)
    int8 = told["int8"]
    assert (int8.photographs, int8.size) == (len(rows), (folder / "int8" / "model.tflite").stat().st_size)
    assert int8.agreement == pytest.approx(same.mean())
    assert int8.largest == pytest.approx(np.abs(after - before).max(), abs=1e-6)
    assert int8.mean == pytest.approx(np.abs(after - before).mean(), abs=1e-6)
    faults = [] if same.mean() >= 0.98 else [f"it gives the run's answer for '{same.mean():.1%}', fewer than 98%"]
    for number, name in enumerate(CLASSES):
        own = (rows["label"] == name).to_numpy()
        recalls = [(each[own].argmax(axis=1) == number).mean() for each in (before, after)]
        assert int8.recall[name] == pytest.approx(recalls[1] - recalls[0])
        # Two points, or one photograph where that is more.
        if (recalls[0] - recalls[1]) * own.sum() > 0.02 * own.sum() + 1e-9:
            faults.append(f"it recognises class '{name}' in {recalls[1]:.1%} of its {own.sum()} photographs")
    assert len(int8.faults) == len(faults)
    assert all(found.startswith(expected) for found, expected in zip(int8.faults, faults, strict=True))
    assert told["none"].faults == []
    assert told["none"].largest < 1e-4
    assert int8.size < told["none"].size / 2


def test_int8_that_was_calibrated_badly_is_refused_and_each_class_that_it_loses_named(
    real_run, run, real_data, calibration, monkeypatch
):
    place, name = real_run
    dark = CalibrationPhotographs(photographs=calibration.photographs // 16, sha256=calibration.sha256)
    monkeypatch.setattr(export, "calibration_photographs", lambda *_: dark)
    before = json.loads((run / "run.json").read_text())
    said = place.refused("export", name, "--tflite", "--quantize", "int8", DERM_DATA=str(real_data))
    assert f"The tflite int8 artefact of run '{name}' is not written: it gives the run's answer for '" in said
    assert "it recognises class '" in said
    assert "more than 2% of them" in said
    assert " became " in said
    assert not (run / "artefacts" / "model-int8.tflite").exists()
    assert json.loads((run / "run.json").read_text()) == before


def test_what_is_there_is_not_done_again(files, run, places, monkeypatch):
    monkeypatch.setattr("benchmarks.exports.judging.run", lambda *_: pytest.fail("done a second time"))
    folder, told = files
    assert judged(run, folder, ("int8", "none"), *places) == [told["int8"], told["none"]]


def test_what_is_not_there_is_done_in_a_process_of_its_own(run, places, tmp_path, monkeypatch):
    commands = []

    def start(command, *_):
        commands.append(command)
        for name in command[7:]:
            (tmp_path / name).mkdir()
            told = JudgedFile(name, 1, 2, 0.0, 0.0, 1.0, {}, [])
            (tmp_path / name / "judged.json").write_text(json.dumps(vars(told)))

    monkeypatch.setattr("benchmarks.exports.judging.run", start)
    assert [each.variant for each in judged(run, tmp_path, ("none", "int8"), *places)] == ["none", "int8"]
    assert [each.variant for each in judged(run, tmp_path, ("none", "dynamic"), *places)] == ["none", "dynamic"]
    assert [command[1:3] for command in commands] == [["-m", "benchmarks.exports.judging"]] * 2
    assert [command[7:] for command in commands] == [["none", "int8"], ["dynamic"]]


def test_what_is_shown_of_a_run_is_what_its_folder_tells(run):
    shown = shown_run(run)
    assert (shown.backbone, shown.side, shown.weights) == ("effnet-lite0", 32, "imagenet weights")
    assert (shown.classes, 0 < shown.balanced_accuracy < 1) == (6, True)
