"""What apps rely on, frozen: names, shapes, types and order of inputs and outputs, and the bytes of a second export."""

from __future__ import annotations

import keras
import onnx
import pytest
from onnx import TensorProto

from mobile_export import derm_exporters
from mobile_export.artefact import contract

SPECS = {spec.name: spec for spec in derm_exporters()}
IMAGE = {"tflite": ("image", [1, 32, 32, 3], "uint8"), "onnx": ("image", ["batch", 32, 32, 3], "uint8")}
ANSWERS = {"tflite": ("answers", [1, 4], "float32"), "onnx": ("answers", ["answers_batch", 4], "float32")}
OUTPUT = {"tflite": ("probabilities", [1, 3], "float32"), "onnx": ("probabilities", ["batch", 3], "float32")}
TYPES = {TensorProto.UINT8: "uint8", TensorProto.FLOAT: "float32"}


def of_tflite(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    return tuple(
        [(each["name"], each["shape"].tolist(), each["dtype"].__name__) for each in details]
        for details in (interpreter.get_input_details(), interpreter.get_output_details())
    )


def of_onnx(path):
    graph = onnx.load(path).graph
    return tuple(
        [
            (
                each.name,
                [dim.dim_param or dim.dim_value for dim in each.type.tensor_type.shape.dim],
                TYPES[each.type.tensor_type.elem_type],
            )
            for each in values
        ]
        for values in (graph.input, graph.output)
    )


READERS = {"tflite": of_tflite, "onnx": of_onnx}


@pytest.mark.parametrize("name", READERS)
def test_names_shapes_types_and_order_never_change(name, artefacts, artefacts_with_answers):
    assert READERS[name](artefacts[name]) == ([IMAGE[name]], [OUTPUT[name]])
    assert READERS[name](artefacts_with_answers[name]) == ([IMAGE[name], ANSWERS[name]], [OUTPUT[name]])


def test_the_signature_of_tflite_has_the_same_names_in_the_same_order(artefacts, artefacts_with_answers):
    from ai_edge_litert.interpreter import Interpreter

    for paths, inputs in ((artefacts, ["image"]), (artefacts_with_answers, ["image", "answers"])):
        signatures = Interpreter(str(paths["tflite"])).get_signature_list()
        assert list(signatures) == ["serving_default"]
        assert sorted(signatures["serving_default"]["inputs"]) == sorted(inputs)
        assert signatures["serving_default"]["outputs"] == ["probabilities"]


def test_the_names_of_entries_never_change():
    assert (contract.FACTS, contract.LABELS, contract.TITLES) == ("derm.json", "labels.txt", "labels-en.txt")
    assert (contract.FORMAT, contract.SEAL) == ("derm.format", "derm.sha256")


@pytest.mark.parametrize("name", READERS)
def test_the_same_network_exported_twice_gives_the_same_bytes(
    name, artefacts, artefacts_with_answers, network, network_with_answers, facts, facts_with_answers, tmp_path
):
    """The second time from a file, in a process whose converters have counted on."""
    network.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    path = tmp_path / f"model{SPECS[name].suffix}"
    SPECS[name].export(again, facts, path)
    assert path.read_bytes() == artefacts[name].read_bytes()
    SPECS[name].export(network_with_answers, facts_with_answers, path)
    assert path.read_bytes() == artefacts_with_answers[name].read_bytes()


def test_nothing_in_an_onnx_network_is_named_by_chance(artefacts):
    graph = onnx.load(artefacts["onnx"]).graph
    assert not graph.value_info
    assert [each.name for each in graph.initializer][:3] == ["constant_0", "constant_1", "constant_2"]
    names = {each.name for each in graph.initializer} | {each for node in graph.node for each in node.output}
    assert not [each for each in names if "__" in each or "functional" in each]
    onnx.checker.check_model(onnx.load(artefacts["onnx"]), full_check=True)
