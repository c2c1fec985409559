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
            assert archive.read("labels-en.txt").decode() == "Class NEV\nClass MEL\nClass é\n"
            assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
            assert ArtefactFacts.from_json(archive.read("derm.json"), name) == facts
    carried = {entry.key: entry.value for entry in onnx.load(artefacts["onnx"]).metadata_props}
    assert list(carried) == ["derm", "labels", "titles", "derm.sha256"]
    assert carried["labels"] == "NEV\nMEL\né\n"
    assert carried["titles"] == "Class NEV\nClass MEL\nClass é\n"
    assert ArtefactFacts.from_json(carried["derm"], "onnx") == facts


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

    import keras

    network = keras.models.clone_model(network)
    for name in ("tflite", "onnx"):
        monkeypatch.setattr(f"mobile_export.formats.{name}.serving_module", refuse)
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


@each_format
def test_answers_are_a_second_input_and_without_them_it_answers_from_the_photograph(
    name, artefacts_with_answers, artefacts, network_with_answers, facts_with_answers, photographs
):
    predictor = SPECS[name].load(artefacts_with_answers[name])
    assert predictor.facts == facts_with_answers
    answers = np.random.default_rng(2).normal(size=(len(photographs), 4)).astype(np.float32)
    expected = network_with_answers.predict([photographs.astype("float32"), answers], verbose=0)
    np.testing.assert_allclose(predictor(photographs, answers), expected, atol=1e-5)
    alone = predictor(photographs)
    assert np.abs(alone - expected).max() > 0.1
    assert np.array_equal(alone, predictor(photographs, np.zeros_like(answers)))
    np.testing.assert_allclose(alone, SPECS[name].load(artefacts[name])(photographs), atol=1e-6)


@each_format
@pytest.mark.parametrize(
    ("shape", "dtype", "said"),
    [((1, 3), np.float32, "takes float32 answers of the shape"), ((1, 4), np.float64, "not 'float64'")],
)
def test_answers_of_another_form_are_refused(name, shape, dtype, said, artefacts_with_answers, photographs):
    predictor = SPECS[name].load(artefacts_with_answers[name])
    with pytest.raises(DermError, match=said):
        predictor(photographs[:1], np.zeros(shape, dtype))


@each_format
def test_answers_are_refused_where_it_takes_none(name, artefacts, photographs):
    with pytest.raises(DermError, match="takes no answers"):
        SPECS[name].load(artefacts[name])(photographs[:1], np.zeros((1, 4), np.float32))


def test_who_knows_of_no_answers_asks_onnx_as_ever(artefacts_with_answers, photographs):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(artefacts_with_answers["onnx"]), providers=["CPUExecutionProvider"])
    # The second input has zeros as its default.
    assert [each.name for each in session.get_inputs()] == ["image"]
    assert [each.name for each in session.get_overridable_initializers()] == ["answers"]
    (alone,) = session.run(["probabilities"], {"image": photographs[:3]})
    assert alone.shape == (3, 3)


def test_a_network_without_the_answers_of_its_facts_is_refused(network, facts_with_answers, tmp_path):
    SPECS["keras"].export(network, facts_with_answers, tmp_path / "model.keras")
    with pytest.raises(DermError, match="network for '0' answers, but facts for 4"):
        SPECS["keras"].load(tmp_path / "model.keras")
