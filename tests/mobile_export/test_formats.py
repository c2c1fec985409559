"""Artefacts give the network's answers, under names that never change, and say what they are."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import ArtefactFacts
from mobile_export import derm_exporters

SPECS = {spec.name: spec for spec in derm_exporters()}
each_format = pytest.mark.parametrize("name", SPECS)


@each_format
def test_it_gives_the_networks_answers(name, artefacts, network, photographs):
    found = SPECS[name].load(artefacts[name])(photographs)
    expected = network.predict(photographs.astype("float32"), verbose=0)
    assert found.dtype == np.float32
    assert np.ptp(expected, axis=0).min() > 0.05, (
        "the network must tell the photographs apart for this to show anything"
    )
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


@each_format
def test_it_knows_what_it_is(name, artefacts, facts):
    assert SPECS[name].load(artefacts[name]).facts == facts


def test_facts_and_labels_are_inside_where_an_app_looks(artefacts, facts):
    import onnx

    for name in ("tflite", "keras"):
        with zipfile.ZipFile(artefacts[name]) as archive:
            assert archive.read("labels.txt").decode() == "NEV\nMEL\né\n"
            assert ArtefactFacts.from_json(archive.read("derm.json"), name) == facts
    carried = {entry.key: entry.value for entry in onnx.load(artefacts["onnx"]).metadata_props}
    assert carried["labels"] == "NEV\nMEL\né\n"
    assert ArtefactFacts.from_json(carried["derm"], "onnx") == facts


def test_names_shapes_and_dtypes_of_tflite_never_change(artefacts):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(artefacts["tflite"]))
    (entry,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert (entry["name"], entry["shape"].tolist(), entry["dtype"]) == ("image", [1, 32, 32, 3], np.uint8)
    assert (answer["name"], answer["shape"].tolist(), answer["dtype"]) == ("probabilities", [1, 3], np.float32)
    assert interpreter.get_signature_list() == {"serving_default": {"inputs": ["image"], "outputs": ["probabilities"]}}


def test_tflite_has_built_in_operations_alone(artefacts):
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(artefacts["tflite"].read_bytes(), 0)
    assert {code.builtinCode for code in model.operatorCodes}.isdisjoint({schema.BuiltinOperator.CUSTOM})
    assert schema.BuiltinOperator.VAR_HANDLE not in {code.builtinCode for code in model.operatorCodes}


def test_weights_of_tflite_lie_at_multiples_of_16_bytes(artefacts):
    """The schema's ``force_align``, for processors that cannot read floats from anywhere."""
    from tensorflow.lite.python import schema_py_generated as schema

    content = artefacts["tflite"].read_bytes()
    model, start = schema.Model.GetRootAs(content, 0), np.frombuffer(content, np.uint8).ctypes.data
    weights = [model.Buffers(place) for place in range(model.BuffersLength())]
    places = [each.DataAsNumpy().ctypes.data - start for each in weights if each.DataLength()]
    assert len(places) > 4
    assert {place % 16 for place in places} == {0}


def test_names_shapes_and_dtypes_of_onnx_never_change(artefacts):
    import onnxruntime

    session = onnxruntime.InferenceSession(artefacts["onnx"], providers=["CPUExecutionProvider"])
    (entry,), (answer,) = session.get_inputs(), session.get_outputs()
    assert not isinstance(entry.shape[0], int), "any number of photographs"
    assert (entry.name, entry.shape[1:], entry.type) == ("image", [32, 32, 3], "tensor(uint8)")
    assert (answer.name, answer.shape[1:], answer.type) == ("probabilities", [3], "tensor(float)")


@each_format
@pytest.mark.parametrize(
    "wrong",
    [np.zeros((1, 32, 32, 3), np.float32), np.zeros((1, 16, 16, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)],
)
def test_other_shapes_and_dtypes_are_refused(name, artefacts, wrong):
    with pytest.raises(DermError, match=rf"takes uint8 photographs of the shape \(n, 32, 32, 3\), not '{wrong.dtype}'"):
        SPECS[name].load(artefacts[name])(wrong)


@each_format
def test_no_photograph_gives_no_answer(name, artefacts):
    assert SPECS[name].load(artefacts[name])(np.zeros((0, 32, 32, 3), np.uint8)).shape == (0, 3)


@each_format
def test_a_failed_export_leaves_nothing_and_keeps_the_old_file(name, network, facts, tmp_path, monkeypatch):
    path = tmp_path / f"model{SPECS[name].suffix}"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DermError, match=f"'{path}' cannot be written .No space left on device.: check the permission"):
        SPECS[name].export(network, facts, path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_what_cannot_be_converted_is_named(network, facts, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise ValueError("no such operation\nand much more")

    monkeypatch.setattr("mobile_export.formats.serving.serving_module", refuse)
    for name in ("tflite", "onnx"):
        path = tmp_path / f"model.{name}"
        with pytest.raises(DermError, match=rf"'{path}' cannot be converted to .* \(no such operation\): export it"):
            SPECS[name].export(network, facts, path)
    assert not list(tmp_path.iterdir())


@each_format
def test_it_is_written_and_used_without_a_word(name, network, facts, photographs, tmp_path, capfd):
    path = tmp_path / f"model{SPECS[name].suffix}"
    SPECS[name].export(network, facts, path)
    SPECS[name].load(path)(photographs[:2])
    assert capfd.readouterr() == ("", "")


def test_loading_a_keras_file_sets_nothing_for_others(artefacts):
    import keras

    def settings():
        state = np.random.get_state()  # noqa: NPY002
        return keras.config.dtype_policy().name, keras.config.floatx(), state[1].tolist(), state[2]

    before = settings()
    SPECS["keras"].load(artefacts["keras"])
    assert settings() == before
