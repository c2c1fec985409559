"""Every runtime is asked about the same files; what it answers is compared with the run's own."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runtimes import asking
from benchmarks.runtimes.asking import BARE, version_of
from derm_cli.errors import DermError
from derm_cli.plugin import ModelCheck, Verification
from mobile_export.bundle.runtimes import RUNTIMES

CHECK = ModelCheck(
    model="model.onnx",
    variant="",
    runtime="onnxruntime",
    source="photographs",
    photographs=3,
    max_difference=0.0,
    mean_difference=0.0,
    agreement=1.0,
)


@pytest.fixture(autouse=True)
def own_python(monkeypatch):
    """This Python in place of environments, which are tested where they are made."""
    monkeypatch.setattr(asking, "python_of", lambda *_: Path(sys.executable))


def test_the_bundle_s_own_client_is_asked_by_each_runtime_that_has_a_model(asked):
    (found,) = asked.by_its_own_client()
    assert (found.name, found.version) == ("run.py, onnxruntime", metadata.version("onnxruntime"))
    assert (found.check.model, found.check.photographs, found.check.fault) == ("model.onnx", 3, "")
    assert found.check.max_difference < 1e-5
    assert found.check.recall == {"a": 0.0}
    assert {each.name for each in BARE} == {"litert", "onnxruntime"}


def test_one_that_answers_otherwise_is_told(asked):
    other = tuple(replace(each, probabilities=each.probabilities[::-1]) for each in asked.photographs)
    (found,) = replace(asked, photographs=other).by_its_own_client()
    assert found.check.max_difference > 0.01
    assert found.check.fault


def test_a_client_that_fails_says_why(asked):
    gone = (replace(asked.photographs[0], path=asked.folder / "gone.png"),)
    with pytest.raises(DermError, match=r"'run.py' does not answer by 'model.onnx': "):
        list(replace(asked, photographs=gone).by_its_own_client())


def test_runtimes_are_asked_about_the_photographs_and_the_drawn_ones_left_out(asked, monkeypatch):
    drawn = replace(CHECK, source="test vectors, resized already")
    monkeypatch.setattr(asking, "verify", lambda *_: Verification(checks=(drawn, CHECK)))
    (found,) = asked.by_runtimes()
    assert (found.name, found.check) == ("onnxruntime", CHECK)
    assert found.version == metadata.version("onnxruntime")
    monkeypatch.setattr(asking, "verify", lambda *_: Verification(checks=(CHECK,), faults=("it is cut short",)))
    with pytest.raises(DermError, match="is not as it was packed: it is cut short"):
        list(asked.by_runtimes())


def test_the_page_is_compared_by_its_onnx_file(asked):
    given = [list(each.probabilities) for each in asked.photographs]
    (found,) = asked.by_the_page("1.0", lambda files: (np.array(given) + 1e-6).tolist() if len(files) == 3 else [])
    assert (found.name, found.version, found.check.model) == ("derm preview", "1.0", "model.onnx")
    assert found.check.max_difference == pytest.approx(1e-6)


@pytest.mark.parametrize(("runtime", "package"), [("litert", "ai-edge-litert"), ("onnxruntime", "onnxruntime")])
def test_versions_are_those_of_the_packages(runtime, package):
    assert version_of(RUNTIMES[runtime], Path(sys.executable)) == metadata.version(package)
