"""Artefacts give the network's answers, under names that never change, and say what they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derm_cli.errors import DermError
from mobile_export import derm_exporters

SPECS = {spec.name: spec for spec in derm_exporters()}
each_format = pytest.mark.parametrize("name", SPECS)


@pytest.fixture(scope="session")
def photographs(real_data):
    """Real photographs and made noise, uint8 (n, 32, 32, 3)."""
    files = sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:24]
    real = [np.asarray(Image.open(path).convert("RGB").resize((32, 32), Image.Resampling.NEAREST)) for path in files]
    noise = np.random.default_rng(0).integers(0, 256, (17, 32, 32, 3), dtype=np.uint8)
    return np.concatenate([np.stack(real), noise])


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


def test_labels_are_inside_where_an_app_looks(artefacts):
    for name in ("tflite", "keras"):
        with zipfile.ZipFile(artefacts[name]) as archive:
            assert archive.read("labels.txt").decode() == "NEV\nMEL\né\n"


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


def test_names_shapes_and_dtypes_of_onnx_never_change(artefacts):
    import onnxruntime

    session = onnxruntime.InferenceSession(artefacts["onnx"], providers=["CPUExecutionProvider"])
    (entry,), (answer,) = session.get_inputs(), session.get_outputs()
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
@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: b"no model" * 99])
def test_a_damaged_file_is_named(name, artefacts, tmp_path, damage):
    path = tmp_path / artefacts[name].name
    path.write_bytes(damage(artefacts[name].read_bytes()))
    with pytest.raises(DermError, match=f"'{path}' is damaged, or no artefact that derm wrote"):
        SPECS[name].load(path)


@each_format
def test_a_file_that_is_not_there_is_named(name, tmp_path):
    with pytest.raises(DermError, match="cannot be read"):
        SPECS[name].load(tmp_path / f"none{SPECS[name].suffix}")


def test_a_stranger_s_model_without_facts_is_refused(network, tmp_path):
    network.save(tmp_path / "own.keras")
    with pytest.raises(DermError, match="no artefact that derm wrote"):
        SPECS["keras"].load(tmp_path / "own.keras")


@pytest.mark.parametrize("name", ["tflite", "keras"])
def test_labels_that_contradict_the_facts_are_refused(name, artefacts, tmp_path):
    path = Path(shutil.copy(artefacts[name], tmp_path))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.txt", "MEL\nNEV\né\n")
    with pytest.raises(DermError, match="labels that contradict its facts"):
        SPECS[name].load(path)


@each_format
def test_a_failed_export_leaves_nothing_and_keeps_the_old_file(name, network, facts, tmp_path, monkeypatch):
    path = tmp_path / f"model{SPECS[name].suffix}"
    path.write_text("old")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    for target in ("mobile_export.keras_file.put_in", "mobile_export.tflite.put_in", "onnx.save"):
        monkeypatch.setattr(target, full)
    with pytest.raises(OSError, match="No space left"):
        SPECS[name].export(network, facts, path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_what_cannot_be_converted_is_named(network, facts, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise ValueError("no such operation")

    monkeypatch.setattr("mobile_export.serving.serving", refuse)
    for name in ("tflite", "onnx"):
        path = tmp_path / f"model.{name}"
        with pytest.raises(DermError, match=rf"'{path}' cannot be converted to .* \(no such operation\)"):
            SPECS[name].export(network, facts, path)


@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_answering_needs_no_training_framework(name, artefacts):
    program = (
        "import sys, numpy as np\nfrom pathlib import Path\nfrom mobile_export import derm_exporters\n"
        f"spec = next(each for each in derm_exporters() if each.name == '{name}')\n"
        f"spec.load(Path({str(artefacts[name])!r}))(np.zeros((1, 32, 32, 3), np.uint8))\n"
        "print(sorted({'tensorflow', 'keras', 'pandas', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


CLIENT = """
import sys
import numpy as np
from tflite_runtime.interpreter import Interpreter

interpreter = Interpreter(sys.argv[1])
interpreter.allocate_tensors()
(entry,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
for photograph in np.load(sys.argv[2]):
    interpreter.set_tensor(entry["index"], photograph[None])
    interpreter.invoke()
    print(*interpreter.get_tensor(answer["index"])[0])
"""


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="tflite-runtime has no wheel for Python 3.12 and later")
def test_the_phones_older_runtime_gives_the_same_answers(artefacts, network, photographs, tmp_path):
    """tflite-runtime 2.14, in a process and an environment of its own: it needs NumPy 1."""
    uv, python = Path(sys.executable).with_name("uv"), tmp_path / "env" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, tmp_path / "env"], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "tflite-runtime==2.14", "numpy<2"], check=True)
    np.save(tmp_path / "photographs.npy", photographs)
    command = [python, "-c", CLIENT, artefacts["tflite"], tmp_path / "photographs.npy"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = np.array([[float(part) for part in line.split()] for line in done.stdout.splitlines()])
    np.testing.assert_allclose(found, network.predict(photographs.astype("float32"), verbose=0), atol=1e-5)
