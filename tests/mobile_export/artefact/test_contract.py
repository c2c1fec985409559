"""What apps rely on, frozen: names, shapes, types and order of inputs and outputs, and the bytes of a second export."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace

import keras
import numpy as np
import onnx
import pytest
from ai_edge_litert.interpreter import Interpreter
from onnx import TensorProto

from derm_backbones import derm_backbones
from mobile_export import derm_exporters
from mobile_export.artefact import contract
from tests.support.thinning import shallow_effnet_b3, shallow_effnet_v2_b0, shallow_resnet50, thinned

SPECS = {spec.name: spec for spec in derm_exporters()}
IMAGE = {"tflite": ("image", [1, 32, 32, 3], "uint8"), "onnx": ("image", ["batch", 32, 32, 3], "uint8")}
ANSWERS = {"tflite": ("answers", [1, 4], "float32"), "onnx": ("answers", ["answers_batch", 4], "float32")}
OUTPUT = {"tflite": ("probabilities", [1, 3], "float32"), "onnx": ("probabilities", ["batch", 3], "float32")}
TYPES = {TensorProto.UINT8: "uint8", TensorProto.FLOAT: "float32"}


def of_tflite(path):
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


VARIANTS = {"none": "uint8"} | {
    name + ending: dtype
    for name in ("float16", "dynamic", "int8", "int16x8")
    for ending, dtype in (("", "uint8"), ("-float-input", "float32"))
}
VARIANTS["float-input"] = "float32"


def test_so_do_those_of_every_variant(variants):
    """Names of variants among them: whoever asks for one gets the same tomorrow."""
    assert variants.keys() == VARIANTS.keys()
    for name, path in variants.items():
        assert of_tflite(path) == ([("image", [1, 32, 32, 3], VARIANTS[name])], [OUTPUT["tflite"]]), name
        assert list(Interpreter(str(path)).get_signature_list()) == ["serving_default"]
        with zipfile.ZipFile(path) as archive:
            entries = ["labels.txt", "labels-en.txt", "labels-pt.txt", "derm.json", "derm.format"]
            assert archive.namelist() == entries
            assert archive.read("labels-pt.txt").decode() == "nevo\nmelanoma\noutro\n"


def digest(path):
    """Of two files of megabytes that differ, pytest would look for where for longer than a test may take."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


SHALLOW = {
    "EfficientNetB3": shallow_effnet_b3,
    "EfficientNetV2B0": shallow_effnet_v2_b0,
    "ResNet50": shallow_resnet50,
}
DEEPER = ("effnet-lite1", "effnet-lite2")
"""The layers of ``effnet-lite0``, only more of them: half a minute of converting that shows nothing more."""


@pytest.mark.parametrize(
    "backbone", [each for each in derm_backbones() if each.name not in DEEPER], ids=lambda spec: spec.name
)
def test_every_backbone_answers_from_its_files_and_exported_twice_gives_the_same_bytes(
    backbone, facts, calibration, tmp_path, monkeypatch
):
    """With random weights, in each format, the smallest as int8 too; the second time from a file.

    The bytes hang on the layers, their names and their order: an eighth of the channels shows as much as all of them.
    """
    # Six groups of the same layers in a block show no more than one or two, and take a minute.
    for name, shallow in SHALLOW.items():
        monkeypatch.setattr(keras.applications, name, shallow)
    built = backbone.build(32, None)
    # One that reads vectors has no channels to spare.
    features = thinned(built, 8) if built.weights else built
    scores = keras.layers.Conv2D(3, 1, name="class_map")(features.output)
    pooled = keras.layers.GlobalAveragePooling2D()(scores)
    network = keras.Model(features.inputs, keras.layers.Softmax()(pooled))
    network.save(tmp_path / "network.keras")
    variants = [each for each in SPECS["tflite"].variants if each.name == "int8" and backbone.name == "mobilenet-v2"]
    found = []
    for each in (network, keras.saving.load_model(tmp_path / "network.keras")):
        for name in READERS:
            path = tmp_path / f"model{SPECS[name].suffix}"
            SPECS[name].export(each, facts, path)
            found.append(digest(path))
        for variant in variants:
            variant.export(each, replace(facts, variant="int8"), tmp_path / "model-int8.tflite", calibration)
            found.append(digest(tmp_path / "model-int8.tflite"))
    noise = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    for name in READERS if built.weights else ():
        answers = SPECS[name].load(tmp_path / f"model{SPECS[name].suffix}")(noise)
        np.testing.assert_allclose(answers, network.predict_on_batch(noise.astype(np.float32)), atol=1e-5, err_msg=name)
    half = len(READERS) + len(variants)
    assert found[:half] == found[half:]


def test_the_signature_of_tflite_has_the_same_names_in_the_same_order(artefacts, artefacts_with_answers):
    for paths, inputs in ((artefacts, ["image"]), (artefacts_with_answers, ["image", "answers"])):
        signatures = Interpreter(str(paths["tflite"])).get_signature_list()
        assert list(signatures) == ["serving_default"]
        assert sorted(signatures["serving_default"]["inputs"]) == sorted(inputs)
        assert signatures["serving_default"]["outputs"] == ["probabilities"]


def test_the_names_of_entries_never_change():
    assert (contract.FACTS, contract.LABELS, contract.titles_file("en")) == ("derm.json", "labels.txt", "labels-en.txt")
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
    assert digest(path) == digest(artefacts[name])
    SPECS[name].export(network_with_answers, facts_with_answers, path)
    assert digest(path) == digest(artefacts_with_answers[name])


def test_nothing_in_an_onnx_network_is_named_by_chance(artefacts):
    graph = onnx.load(artefacts["onnx"]).graph
    assert not graph.value_info
    assert [each.name for each in graph.initializer][:3] == ["constant_0", "constant_1", "constant_2"]
    names = {each.name for each in graph.initializer} | {each for node in graph.node for each in node.output}
    assert not [each for each in names if "__" in each or "functional" in each]
    onnx.checker.check_model(onnx.load(artefacts["onnx"]), full_check=True)
