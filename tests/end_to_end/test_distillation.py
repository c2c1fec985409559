"""A network learns from the answers of another."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from tests.support import trees
from tests.support.commands import QUICK

PAD = "pad-ufes-20"
STUDENT = [*QUICK, "--chain", f"imagenet,{PAD}", "--no-augment", "--epochs", "5", "--head-rate", "0.02"]


@pytest.fixture
def taught(finished, tmp_path):
    """A place with a finished run, the teacher, and its id."""
    place, run = finished
    copy = type(place)(tmp_path / "place")
    shutil.copytree(place.root, copy.root)
    return copy, run


def probabilities(place, run: str) -> np.ndarray:
    table = pd.read_csv(place.runs / run / "predictions.csv").sort_values("case_id")
    return table.filter(like="p_").to_numpy()


def test_a_student_learns_what_its_teacher_answers_and_is_repeated_to_the_same_bits(taught):
    place, teacher = taught
    alone = place.json("train", *STUDENT, "--seed", "0", "--size", "40")["run"]
    options = ["--size", "40", "--teacher", teacher[:-1], "--phase", "targets=distilled:alpha=1,temperature=1"]
    student = place.json("train", *STUDENT, *options)["run"]
    plan = json.loads((place.runs / student / "plan.json").read_text())
    record = place.json("runs", "show", teacher)
    assert plan["teacher"] == {"run": teacher, "model": record["files"]["model.keras"]}
    assert plan["stages"][-1]["phases"][0]["options"]["targets"] == {
        "name": "distilled",
        "options": {"alpha": 1.0, "temperature": 1.0},
    }
    assert place.json("runs", "show", student)["request"]["teacher"] == teacher, "by its full id"
    asked, own, without = (probabilities(place, run) for run in (teacher, student, alone))
    assert np.abs(own - asked).mean() < np.abs(without - asked).mean()
    assert f"run {teacher}" in (place.runs / student / "report.html").read_text()
    assert "are the same, bit for bit" in place.derm("train", "--repeat", student).stdout


def test_a_stopped_student_goes_on_with_its_teacher_alone(taught, monkeypatch):
    from derm_cli.engine.checkpoint import Checkpoints

    place, teacher = taught

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", stop)
        place.refused("train", *STUDENT, "--teacher", teacher)
    run = place.json("runs", "list")[-1]["id"]
    shutil.move(place.runs / teacher, place.root / "away")
    assert f"There is no run '{teacher}'" in place.refused("train", "--resume", run, exit_status=2)
    shutil.move(place.root / "away", place.runs / teacher)
    place.derm("train", "--resume", run)
    assert place.json("runs", "list")[-1]["status"] == "finished"


@pytest.mark.parametrize(
    ("options", "exit_status", "said"),
    [
        (["--phase", "targets=distilled"], 2, "The targets 'distilled' need a teacher"),
        (["--teacher", "nothing"], 2, "There is no run 'nothing'"),
        (["--teacher", "{teacher}", "--leave-out", f"{PAD}:SEK"], 2, "but 'ACK, BCC, MEL, NEV, SCC' are trained"),
        (["--teacher", "{teacher}", "--phase", "targets=distilled:alpha=2"], 2, "'alpha' of the targets 'distilled'"),
        (["--teacher", "{teacher}", "--seed", "3"], 1, "the teacher, has learnt from"),
    ],
)
def test_what_cannot_be_taught_is_refused(finished, options, exit_status, said):
    place, teacher = finished
    options = [each.format(teacher=teacher) for each in options]
    assert said in place.refused("train", *STUDENT, *options, exit_status=exit_status)


def test_the_plan_names_the_teacher(finished):
    place, teacher = finished
    assert f"Teacher: run {teacher}" in place.derm("train", *STUDENT, "--teacher", teacher, "--dry-run").stdout


def test_in_a_chain_the_stages_of_other_classes_have_labels(finished, tmp_path):
    place, teacher = finished
    trees.make_ham(tmp_path / "ham10000", per_class=3)
    shown = place.json(
        *("train", *QUICK, "--chain", f"imagenet,ham10000,{PAD}", "--teacher", teacher, "--dry-run"),
        DERM_DATA=str(place.data),
        DERM_CONFIG=str(_settings(tmp_path)),
    )
    targets = [stage["phases"][0]["options"].get("targets", {"name": "hard"})["name"] for stage in shown["stages"]]
    assert targets == ["hard", "distilled"]


def _settings(folder):
    path = folder / "derm.toml"
    path.write_text(f"[datasets.ham10000]\npath = '{folder / 'ham10000'}'\n")
    return path
