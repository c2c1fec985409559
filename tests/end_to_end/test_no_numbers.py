"""A model that answers with what is no number has no answer, on any path from a photograph to somebody who reads it.

The page of ``derm preview`` has its test beside its others; a Keras file has it beside the other formats.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.files import sha256_of
from derm_cli.phase_options import Component
from derm_cli.plugin.registry import Registry
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.exporting.packing import answers_from_files
from derm_cli.workflows.predicting.predict import predictor_probabilities
from derm_cli.workflows.predicting.views import ViewedPredictor, views_of
from mobile_export.bundle.runtimes import CLIENT
from tests.support.artefact_files import made_facts
from tests.support.made_bundles import DRAWN, make_bundle, write_manifest
from tests.support.mean_colour_onnx import write_onnx
from tests.support.mean_colour_tflite import write_tflite

FACTS = made_facts(classes=tuple(LesionClass(name=name, title=name) for name in ("nevus", "melanoma", "other")))
NO_NUMBERS = "gives probabilities that are no numbers"


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Path:
    """A folder with models of which each answer is NaN, and a bundle of one."""
    folder = tmp_path_factory.mktemp("broken")
    write_tflite(folder / "model.tflite", FACTS, steepness=np.nan)
    bundle = make_bundle(folder / "bundle", write_onnx(folder / "model.onnx", FACTS, steepness=np.nan), FACTS)
    shutil.copy(CLIENT, bundle / "run.py")
    rows = [{"file": DRAWN, "answers": {}, "probabilities": [0.2, 0.3, 0.5]}]
    (bundle / "vectors" / "expected.json").write_text(json.dumps(rows), encoding="utf-8")
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    for name in ("vectors/expected.json", "run.py"):
        manifest["files"][name] = {"size": (bundle / name).stat().st_size, "sha256": sha256_of(bundle / name)}
    write_manifest(bundle, manifest)
    return folder


COMMANDS = {
    "predict, ONNX": (("predict", "model.onnx", f"bundle/{DRAWN}"), NO_NUMBERS),
    "predict, TFLite": (("predict", "model.tflite", f"bundle/{DRAWN}"), NO_NUMBERS),
    "predict, a bundle": (("predict", "bundle", f"bundle/{DRAWN}"), NO_NUMBERS),
    "predict, for programs": (("predict", "model.onnx", f"bundle/{DRAWN}", "--json"), NO_NUMBERS),
    "predict, line by line": (("predict", "model.onnx", f"bundle/{DRAWN}", "--jsonl"), NO_NUMBERS),
    "verify": (("verify", "bundle", "--runtime", "onnxruntime"), "with what is no number"),
    "benchmark, ONNX": (("benchmark", "model.onnx", "--runs", "1", "--threads", "1"), "its answer, of the shape"),
    "benchmark, TFLite": (("benchmark", "model.tflite", "--runs", "1", "--threads", "1"), "its answer, of the shape"),
}


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_says_that_there_is_no_answer(path, broken, place):
    arguments, said = COMMANDS[path]
    given = [broken / each if (broken / each).exists() else each for each in arguments]
    result = place.derm(*given, exit_status=1)
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert "melanoma" not in result.stdout
    assert "nan" not in result.stdout.lower()


@pytest.mark.parametrize("out", ["--csv", "--fhir"])
def test_nothing_is_written_of_it(out, broken, place, tmp_path):
    file = tmp_path / ("answers.csv" if out == "--csv" else "answers.ndjson")
    place.refused("predict", broken / "model.onnx", broken / "bundle" / DRAWN, out, file)
    assert not file.exists() or "nan" not in file.read_text().lower()


def test_run_py_says_so(broken):
    command = [sys.executable, broken / "bundle" / "run.py", broken / "bundle" / DRAWN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "with what is no number: it is broken" in done.stderr
    assert "Traceback" not in done.stderr


def predictor(value: float):
    """Return a predictor of a plugin, which checks nothing itself, whose every answer has ``value`` in it."""
    answer = np.array([0.5, value, 0.5], np.float32)
    return type("Predictor", (), {"facts": FACTS, "__call__": lambda _, given, *__: np.tile(answer, (len(given), 1))})()


PATHS = {
    "evaluate, distillation and parity": lambda model, file: predictor_probabilities(model, _Photographs(), "many"),
    "several views": lambda model, file: ViewedPredictor(model, views_of(Registry(), Component(name="flips")))(
        np.zeros((2, 16, 16, 3), np.uint8)
    ),
    "a packager's run": lambda model, file: answers_from_files(model, [(file, {})]),
}


class _Photographs:
    def __len__(self) -> int:
        return 3

    def take(self, rows):
        return np.zeros((len(rows), 16, 16, 3), np.uint8)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("path", PATHS)
def test_a_plugin_s_model_that_checks_nothing_is_checked(path, value, broken):
    with pytest.raises(DermError, match=NO_NUMBERS):
        PATHS[path](predictor(value), broken / "bundle" / DRAWN)
