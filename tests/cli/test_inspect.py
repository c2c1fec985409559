"""``derm inspect`` on artefacts that cost no training, of strangers too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx

FACTS = made_facts()


def test_what_is_in_an_onnx_file(place, tmp_path):
    path = write_onnx(tmp_path / "model.onnx", FACTS)
    (model,) = place.json("inspect", path)["models"]
    assert model["facts"]["run"] == FACTS.run
    assert model["sealed"] is True
    assert model["size"] == path.stat().st_size
    assert model["inputs"] == [{"name": "image", "type": "uint8", "shape": ["batch", 16, 16, 3]}]
    assert model["outputs"] == [{"name": "probabilities", "type": "float", "shape": ["batch", 2]}]
    assert model["operations"] == {"Cast": 1, "MatMul": 1, "ReduceMean": 1, "Softmax": 1}
    assert model["weights"]["float"]["arrays"] == 1
    assert set(model["metadata"]) == {"derm", "labels", "derm.sha256"}
    printed = place.derm("inspect", path).stdout
    for said in ("over the whole file, intact", "image, uint8, (batch, 16, 16, 3)", "1 MatMul", FACTS.run, "16 pixels"):
        assert said in printed


def test_a_file_that_was_changed_is_refused(place, tmp_path):
    path = write_onnx(tmp_path / "model.onnx", FACTS)
    path.write_bytes(path.read_bytes().replace(b"Softmax", b"Sigmoid"))
    assert "its bytes are not those that were sealed" in place.refused("inspect", path)


def test_what_is_not_there_is_told(place):
    assert "There is no file 'none.onnx'" in place.refused("inspect", "none.onnx", exit_status=2)


@pytest.mark.parametrize("library", ["tensorflow", "keras", "onnxruntime"])
def test_it_needs_no_runtime(library, tmp_path):
    path = write_onnx(tmp_path / "model.onnx", FACTS)
    code = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from derm_cli.cli import cli\n"
        f"cli(['inspect', {str(path)!r}], standalone_mode=False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
