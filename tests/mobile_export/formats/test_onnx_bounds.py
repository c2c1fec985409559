"""A small ONNX file that asks for gigabytes is refused before a runtime sees it; one of derm is not."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing
from mobile_export.artefact.seal import write_seal
from mobile_export.formats.inspecting import inspect_onnx
from mobile_export.formats.onnx import load
from mobile_export.formats.onnx_bounds import MOST_OF_SHAPE, MOST_PARTS, check_bounds
from tests.support.artefact_files import made_facts
from tests.support.made_onnx import write_artefact
from tests.support.mean_colour_onnx import write_onnx

FACTS = made_facts()
CHILD = """
import resource, sys
from pathlib import Path
from derm_cli.errors import DermError
from mobile_export.formats.onnx import load
import onnx, onnxruntime
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load(Path(sys.argv[1]))
except DermError as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
"""


def constant(name, values):
    from onnx import helper, numpy_helper

    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(values, np.int64), name))


def node(kind, *arguments, **attributes):
    from onnx import helper

    return helper.make_node(kind, list(arguments[:-1]), [arguments[-1]], **attributes)


def made(what):
    count = 400_000_000
    return {
        "an array of a given size": lambda: (constant("s", [count]), node("ConstantOfShape", "s", "big")),
        "an array that is made wider": lambda: (
            constant("one", [1]),
            constant("s", [count]),
            node("Expand", "one", "s", "big"),
        ),
        "a sum of a row and a column": lambda: (
            constant("row", [[1] * 20_000]),
            constant("column", [[1]] * 20_000),
            node("Add", "row", "column", "big"),
        ),
        "an array of a size that hangs on a photograph": lambda: (
            node("NonZero", "image", "place"),
            node("ConstantOfShape", "place", "big"),
        ),
        "a great many operations": lambda: (node("Identity", "image", f"i{n}") for n in range(MOST_PARTS // 3)),
    }[what]()


@pytest.mark.parametrize(
    "what",
    [
        "an array of a given size",
        "an array that is made wider",
        "a sum of a row and a column",
        "an array of a size that hangs on a photograph",
        "a great many operations",
    ],
)
def test_a_small_file_takes_no_gigabytes(what, tmp_path):
    path = write_onnx(tmp_path / "model.onnx", FACTS, tuple(made(what)))
    with pytest.raises(DermError, match=r"is damaged, or no artefact that derm wrote .*(numbers|size|parts)"):
        load(path)


def test_nothing_is_allocated_before_it_is_refused(tmp_path):
    path = write_onnx(tmp_path / "model.onnx", FACTS, tuple(made("an array of a given size")))
    done = subprocess.run([sys.executable, "-c", CHILD, path], capture_output=True, text=True, check=True)
    kilobytes, said = done.stdout.split(maxsplit=1)
    assert int(kilobytes) < 50_000
    assert "numbers for a photograph" in said


def elsewhere(name):
    from onnx import TensorProto

    found = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "/etc/passwd"), ("offset", "0"), ("length", "16")):
        found.external_data.add(key=key, value=value)
    return found


def spoilt_onnx(path, spoil):
    """Write an artefact of which the network was changed and sealed anew, as who means harm would."""
    import onnx

    model = onnx.ModelProto.FromString(write_onnx(path, FACTS).read_bytes())
    spoil(model.graph)
    path.write_bytes(model.SerializeToString())
    write_seal(path)
    return path


@pytest.mark.parametrize(
    "spoil",
    [
        lambda graph: graph.initializer.append(elsewhere("more")),
        lambda graph: graph.node[0].attribute.add(name="value", type=4).t.CopyFrom(elsewhere("more")),
        lambda graph: graph.node[0].attribute.add(name="values", type=9).tensors.append(elsewhere("more")),
    ],
    ids=["of the weights", "of a node", "of several of a node"],
)
def test_an_array_that_lies_in_another_file_is_refused_and_that_file_is_not_opened(spoil, tmp_path):
    path = spoilt_onnx(tmp_path / "model.onnx", spoil)
    with pytest.raises(DermError, match="its weights lie in another file"):
        load(path)
    with pytest.raises(DermError, match="its weights lie in another file"):
        inspect_onnx(path)


def test_of_many_empty_parts_none_is_read():
    with pytest.raises(ValueError, match=f"more than {MOST_PARTS} parts"):
        check_bounds(b"\x3a\x80\x89\x7a" + b"\x0a\x00" * 1_000_000)


@pytest.mark.parametrize("content", [b"\x3a\xff\x01", b"\xff" * 20, b"\x3b", b"\xa2\x01\x00", b"\xca\x01\x00", b""])
def test_what_is_damaged_or_not_a_network_is_told(content):
    with pytest.raises(ValueError, match="it"):
        check_bounds(content)


def test_an_artefact_is_loaded(tmp_path):
    predictor = load(write_onnx(tmp_path / "model.onnx", FACTS))
    assert predictor(np.zeros((2, 16, 16, 3), np.uint8)).shape == (2, 2)


def test_weights_are_not_copied_to_find_how_large_arrays_are(tmp_path, monkeypatch):
    import onnx

    path = write_artefact(tmp_path / "model.onnx", made_facts(preprocessing=Preprocessing(size=32)))
    network = onnx.load_model(path)
    filters, scores = (each for each in network.graph.initializer if len(each.dims) == 4)
    assert len(filters.raw_data) < MOST_OF_SHAPE, "as it is, it has no weights to speak of"
    wide = np.zeros((MOST_OF_SHAPE, 3, 5, 5), np.float32)
    filters.CopyFrom(onnx.numpy_helper.from_array(wide, filters.name))
    scores.CopyFrom(onnx.numpy_helper.from_array(np.zeros((2, MOST_OF_SHAPE, 1, 1), np.float32), scores.name))
    infer, given = onnx.shape_inference.infer_shapes, []

    def recorded(model, **how):
        given.append(model.ByteSize())
        return infer(model, **how)

    monkeypatch.setattr(onnx.shape_inference, "infer_shapes", recorded)
    check_bounds(network.SerializeToString())
    assert given[0] < 20_000 < wide.nbytes
