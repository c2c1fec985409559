"""A network that answers what is none, or ends its process, is an error in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import Tensor
from mobile_export.bundle.runtimes import RUNTIMES
from mobile_export.tools.benchmark import asking
from mobile_export.tools.benchmark.models import models_of
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx

RUNTIME = RUNTIMES["onnxruntime"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asking")
    (found,) = models_of(write_onnx(folder / "model.onnx", made_facts()), folder)
    return found


def test_an_answer_of_another_shape_is_none(model):
    other = replace(model, inspection=replace(model.inspection, facts=made_facts(classes=())))
    with pytest.raises(DermError, match=r"'model.onnx' cannot be measured in 'onnxruntime' .+ is not 0 probabilities"):
        asking.measured(other, RUNTIME, Path(sys.executable), 1, 1)


def test_a_huge_input_is_not_made(model):
    huge = (Tensor(name="image", type="uint8", shape=("batch", 1 << 20, 1 << 20, 3)),)
    other = replace(model, inspection=replace(model.inspection, inputs=huge))
    with pytest.raises(DermError, match="more than a photograph has"):
        asking.measured(other, RUNTIME, Path(sys.executable), 1, 1)


def test_numbers_are_given_in_the_type_that_the_file_names(model, monkeypatch):
    """An ONNX file's 'float' has 32 bits, and NumPy's 64, which no runtime takes."""
    taken = []

    def noted(*_, **given):
        taken.extend((each["name"], each["type"]) for each in json.loads(given["input"])["inputs"])
        return subprocess.CompletedProcess([], 3, "", "")

    monkeypatch.setattr(asking.subprocess, "run", noted)
    answers = Tensor(name="answers", type="float", shape=("batch", 10))
    other = replace(model, inspection=replace(model.inspection, inputs=(*model.inspection.inputs, answers)))
    with pytest.raises(DermError, match="status 3"):
        asking.measured(other, RUNTIME, Path(sys.executable), 1, 1)
    assert taken == [("image", "uint8"), ("answers", "float32")]


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (subprocess.CompletedProcess([], -11, "", ""), "the process was ended by SIGSEGV"),
        (subprocess.CompletedProcess([], 3, "", ""), "status 3"),
        (subprocess.CompletedProcess([], 1, "", "Traceback\nMemoryError: large"), "MemoryError: large"),
        (subprocess.CompletedProcess([], 0, "", ""), "cannot be measured"),
    ],
)
def test_a_process_that_fails_is_told(model, monkeypatch, done, said):
    monkeypatch.setattr(asking.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(DermError, match=said):
        asking.measured(model, RUNTIME, Path(sys.executable), 1, 1)


def test_one_that_does_not_end_is_told(model, monkeypatch):
    def never(*_, **__):
        raise subprocess.TimeoutExpired("python", 1)

    monkeypatch.setattr(asking.subprocess, "run", never)
    with pytest.raises(DermError, match="ask for fewer with --runs"):
        asking.measured(model, RUNTIME, Path(sys.executable), 1, 1)


@pytest.mark.parametrize(
    ("count", "ends"),
    # The tables of the sign test: of ten values the second smallest and the second largest.
    [(1, None), (5, None), (6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (50, (18, 33))],
)
def test_the_interval_of_a_median_is_that_of_the_sign_test(count, ends):
    values = [float(number) for number in range(count, 0, -1)]
    assert asking.median_interval(values) == (ends or (None, None))
