"""Runs, packs, stages and splits that an earlier derm wrote: this one reads them, goes on with them and gives the same.

tests/stored/make.py tells how they were made.  Where the processor or a framework's version is another than theirs,
figures that hang on its kernels are compared to nine digits, all others to the byte.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from derm_cli.cores import usable_cores
from derm_cli.engine import framework_settings
from derm_cli.evaluation.grouping import LESION
from tests.stored.make import REQUEST

HERE = Path(__file__).parents[1] / "stored"
FINISHED, INTERRUPTED = "20261127-154556-2b9f", "20261127-154614-53a5"
pytestmark = pytest.mark.xdist_group("stored")


@dataclass
class Stored:
    """A copy of all that is stored, and derm on it."""

    root: Path

    def derm(self, *arguments: str, exit_status: int = 0, **environment: str) -> str:
        result = CliRunner().invoke(
            cli, arguments, env={"DERM_CONFIG": str(self.root / "stored.toml"), **environment}, catch_exceptions=False
        )
        assert result.exit_code == exit_status, result.output
        return result.stdout.replace(str(self.root), "ROOT")

    def derm_on_cores(self, cores: int, *arguments: str) -> None:
        """Call derm in a process where TensorFlow divides its sums as on so many cores, however many there are here."""
        environment = {name: value for name, value in os.environ.items() if name not in framework_settings.RECORDED}
        environment |= {"TF_NUM_INTRAOP_THREADS": str(cores), "DERM_CONFIG": str(self.root / "stored.toml")}
        command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}; from derm_cli.cli import cli; cli()"]
        done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def json(self, *arguments: str, **environment: str) -> Any:
        return json.loads(self.derm(*arguments, "--json", **environment))

    def run(self, name: str) -> Path:
        return self.root / "runs" / name

    def record(self, name: str) -> dict[str, Any]:
        return json.loads((self.run(name) / "run.json").read_text())


@pytest.fixture
def stored(tmp_path, monkeypatch) -> Stored:
    for name in ("data", "runs", "cache", "home", "plugin"):
        shutil.copytree(HERE / name, tmp_path / name)
    shutil.copy(HERE / "stored.toml", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "plugin"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Stored(tmp_path)


def same_machine() -> bool:
    """Whether the kernels here are those of the stored runs."""
    from derm_cli.engine import backend

    stored = json.loads((HERE / "runs" / FINISHED / "run.json").read_text())["environment"]
    return all(stored[name] == value for name, value in backend.versions().items())


def cores_of(record: dict[str, Any]) -> int:
    """Return the cores by which the sums of a run were divided, a part of its bits."""
    return int(re.fullmatch(r".+, (\d+) cores", record["environment"]["machine"])[1])


def cores_here() -> int | None:
    """Return those by which they are divided here, None where something else is set for whoever runs the tests."""
    return None if framework_settings.recorded_settings() else usable_cores()


MEASURED_OTHERWISE = (
    *("points", "promise", "refused", "referral", "conformal", "abstention", "notes"),
    *("gap", "gap_classes", "gap_interval", "may_be_chance", "warning", "differences"),
    *("interval", "intervals", "no_interval", "patients", "lesions", "groups"),
    *("auc_interval", "accuracy_interval", "balanced_accuracy_interval", "malignant_interval"),
)
"""What a stored evaluation has that is chosen and told otherwise since: thresholds, gaps, differences, intervals."""


def without_lesions(path: Path) -> str:
    """Return a file's text, without a column of lesions, which tables of predictions did not have before."""
    text = path.read_text()
    if path.suffix != ".csv" or LESION not in text.partition("\n")[0].split(","):
        return text
    # As texts, so that nothing else of the table is written in another way.
    return pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns=LESION).to_csv(index=False)


def as_ever(values: Any) -> Any:
    """Return JSON values without what is measured otherwise since they were stored."""
    if isinstance(values, list):
        if values and isinstance(values[0], dict) and "column" in values[0]:
            # Subgroups stand in the order of their gaps.
            values = sorted(values, key=lambda each: (each["column"], each["value"]))
        return [as_ever(each) for each in values]
    if not isinstance(values, dict):
        return values
    return {name: as_ever(each) for name, each in values.items() if name not in MEASURED_OTHERWISE}


def assert_equal(found: Any, stored: Any, exact: bool, path: str = "") -> None:
    """Compare JSON values; where it need not be ``exact``, numbers to nine digits.

    What a newer derm tells beside what was stored may be there.
    """
    if isinstance(stored, dict):
        assert [name for name in found if name in stored] == list(stored), path
        for name, value in stored.items():
            assert_equal(found[name], value, exact, f"{path}.{name}")
    elif isinstance(stored, list):
        assert len(found) == len(stored), path
        for place, (one, other) in enumerate(zip(found, stored, strict=True)):
            assert_equal(one, other, exact, f"{path}[{place}]")
    elif isinstance(stored, float) and not exact:
        assert math.isclose(found, stored, rel_tol=1e-9, abs_tol=1e-9), (path, found, stored)
    else:
        assert found == stored, path


def expected(name: str) -> Any:
    return json.loads((HERE / "expected" / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("evaluate", ("evaluate", FINISHED)),
        ("dry-run", ("train", *REQUEST, "--dry-run")),
        ("show", ("runs", "show", FINISHED)),
    ],
)
def test_what_derm_says_of_a_stored_run_is_what_it_said(stored, name, arguments):
    said = stored.json(*arguments), expected(name)
    assert_equal(*(map(as_ever, said) if name == "evaluate" else said), exact=name != "evaluate" or same_machine())


def test_a_stored_model_judges_and_predicts_as_it_did_and_nothing_is_packed_anew(stored):
    packs = {path.name: path.read_bytes() for path in (stored.root / "cache" / "packs").iterdir()}
    assert_equal(
        as_ever(stored.json("evaluate", FINISHED, "--data", "first")),
        as_ever(expected("evaluate-elsewhere")),
        exact=same_machine(),
    )
    pictures = ("data/clinic/000-0.png", "data/clinic/005-1.png")
    assert_equal(stored.json("predict", FINISHED, *pictures), expected("predict"), exact=same_machine())
    after = (stored.root / "cache" / "packs").iterdir()
    assert {path.name: path.read_bytes() for path in after if path.suffix != ".lock"} == packs


def test_stored_datasets_are_found_as_they_were(stored):
    found = stored.json("data", "check", "first", "clinic", DERM_CACHE=str(stored.root / "another-cache"))
    assert_equal(found, expected("check"), exact=True)


def test_a_stored_interrupted_run_ends_as_its_twin_did(stored):
    begun = {name: (stored.run(INTERRUPTED) / name).read_bytes() for name in ("plan.json", "split.csv", "dropped.csv")}
    resuming = ("train", "--resume", INTERRUPTED)
    if cores_here() == cores_of(stored.record(FINISHED)):
        stored.derm(*resuming)
    else:
        stored.derm_on_cores(cores_of(stored.record(FINISHED)), *resuming)
    assert {name: (stored.run(INTERRUPTED) / name).read_bytes() for name in begun} == begun
    assert stored.record(FINISHED).keys() <= stored.record(INTERRUPTED).keys()
    if same_machine():
        stored.derm("runs", "compare", FINISHED, INTERRUPTED)
        evaluations = (json.loads((stored.run(run) / "evaluation.json").read_text()) for run in (INTERRUPTED, FINISHED))
        assert_equal(*map(as_ever, evaluations), exact=True)
        for name in ("predictions.csv", "validation.csv", "plan.json", "split.csv", "dropped.csv"):
            found, twin = (without_lesions(stored.run(run) / name) for run in (INTERRUPTED, FINISHED))
            assert found.replace(INTERRUPTED, FINISHED) == twin, name


def test_stored_stages_are_found_by_their_keys(stored, monkeypatch):
    """The environment, which is a part of the key, is that of the stored run, whatever it is here."""
    from derm_cli.engine import backend

    environment = stored.record(FINISHED)["environment"]
    told = {name: environment[name] for name in backend.versions()}
    monkeypatch.setattr(backend, "versions", lambda: told)
    monkeypatch.setattr(backend, "processor", lambda: environment["machine"].rpartition(", ")[0])
    monkeypatch.setattr(backend, "usable_cores", lambda: cores_of(stored.record(FINISHED)))
    # What whoever runs the tests has set for other programs, such as OMP_NUM_THREADS: the stored run had none.
    monkeypatch.setattr(framework_settings, "recorded_settings", dict)
    keys = {path.name for path in (stored.root / "cache" / "stages").glob("*.bin")}
    run = stored.json("train", *REQUEST)["run"]
    assert stored.record(run)["environment"] == environment
    assert [stage["source"] for stage in stored.record(run)["stages"]] == ["store", "store"]
    assert {path.name for path in (stored.root / "cache" / "stages").glob("*.bin")} == keys
    for name in ("split.csv", "dropped.csv"):
        assert (stored.run(run) / name).read_bytes() == (stored.run(FINISHED) / name).read_bytes(), name
    plan, before = (json.loads((stored.run(each) / "plan.json").read_text()) for each in (run, FINISHED))
    assert plan.pop("recipe").startswith("paper with --size 32 "), "which was not said before there were recipes"
    assert plan == before


def test_a_stored_run_is_exported_and_agrees(stored):
    """``derm export`` ends with 1 where an artefact's answers are not the run's."""
    exported = stored.json("export", FINISHED, "--tflite", "--onnx")
    assert [Path(each["path"]).suffix for each in exported["artefacts"]] == [".tflite", ".onnx"]
    with ZipFile(stored.run(FINISHED) / "artefacts" / "model.tflite") as carried:
        facts = json.loads(carried.read("derm.json"))
    points = json.loads((stored.run(FINISHED) / "evaluation.json").read_text())["triage"]["without_indeterminate"][
        "points"
    ]
    carried_points = [
        (each["sensitivity"], each["threshold"], each["cases"], each["low"]) for each in facts["thresholds"]
    ]
    assert carried_points[: len(points)] == [(each["target"], each["threshold"], None, None) for each in points]
