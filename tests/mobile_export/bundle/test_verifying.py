"""A bundle is proved from the file to the answer; what proves nothing, or differs, is a fault with a name."""

from __future__ import annotations

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from derm_cli.data.preprocessing import read_photograph
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin import CheckedPhotograph, VerifyRequest
from mobile_export.bundle.verifying import verify


def retold(bundle: Path, *names: str, **changes) -> Path:
    """Tell of changed files in the manifest, as a stranger would who changes both."""
    manifest = json.loads((bundle / "manifest.json").read_text()) | changes
    for name in names:
        content = (bundle / name).read_bytes()
        told = {"size": len(content), "sha256": sha256(content).hexdigest()}
        manifest["files"][name] = told
        for model in manifest["models"]:
            if model["file"] == name:
                model.update(told)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    return bundle


def expecting(bundle: Path, change) -> Path:
    path = bundle / "vectors" / "expected.json"
    rows = json.loads(path.read_text())
    change(rows)
    path.write_text(json.dumps(rows))
    return retold(bundle, "vectors/expected.json")


def test_it_is_proved_in_each_runtime_of_derm(packed, packed_with_answers):
    for bundle in (packed, packed_with_answers):
        found = verify(bundle, VerifyRequest())
        assert found.passed, found
        assert [(each.model, each.runtime, each.source, each.photographs) for each in found.checks] == [
            *(("model.tflite", "litert", "test vectors", 11), ("model.onnx", "onnxruntime", "test vectors", 11))
        ]
        assert all(each.max_difference < 1e-5 and each.agreement == 1 for each in found.checks)
        assert all(
            note.startswith(("NOT FOR COMMERCIAL USE", "'tflite-runtime'", "'mediapipe'", "no model"))
            for note in found.notes
        )


def test_real_photographs_are_asked_about_from_their_files(packed, facts, network, real_data):
    files = sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:6]
    pixels = np.stack([read_photograph(path, facts.preprocessing) for path in files])
    expected = network.predict(pixels.astype("float32"), verbose=0)
    labels = ["NEV", "MEL", "NEV", "MEL", "NEV", "NEV"]
    photographs = tuple(
        CheckedPhotograph(path=path, probabilities=tuple(map(float, row)), label=label)
        for path, row, label in zip(files, expected, labels, strict=True)
    )
    found = verify(packed, VerifyRequest(runtimes=("litert",), photographs=photographs))
    assert found.passed, found
    assert [(each.source, each.photographs, dict(each.recall)) for each in found.checks] == [
        *(("test vectors", 11, {}), ("photographs", 6, {"NEV": 0.0, "MEL": 0.0}))
    ]
    # One of another model: named by its path, with by how much.
    wrong = CheckedPhotograph(path=files[0], probabilities=(0.0, 0.0, 1.0), label="NEV")
    found = verify(packed, VerifyRequest(runtimes=("litert",), photographs=(wrong, *photographs[1:])))
    (_, failed) = found.checks
    assert not found.passed
    assert failed.fault.startswith("a probability differs by ")
    assert failed.worst[0].startswith(f"{files[0]} (")


def test_a_file_that_was_changed_is_handed_to_no_runtime(bundle):
    content = (bundle / "model.tflite").read_bytes()
    (bundle / "model.tflite").write_bytes(content[: len(content) // 3])
    found = verify(bundle, VerifyRequest())
    assert found.checks == ()
    assert [each.split(" has ")[0] for each in found.faults] == ["'model.tflite'"]


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_a_model_that_is_none_fails_with_a_sentence_and_ends_nothing(bundle, name):
    content = (bundle / name).read_bytes()
    (bundle / name).write_bytes(content[: len(content) // 2])
    found = verify(retold(bundle, name), VerifyRequest())
    assert not found.passed
    assert any(fault.startswith(f"'{name}' cannot be asked in") for fault in found.faults), found.faults
    assert [each.model for each in found.checks] == [{"model.tflite": "model.onnx", "model.onnx": "model.tflite"}[name]]


def test_other_answers_than_those_of_the_run_are_a_fault(bundle):
    found = verify(expecting(bundle, lambda rows: rows[3]["probabilities"].reverse()), VerifyRequest())
    assert {each.fault.partition(" by ")[0] for each in found.checks} == {"a probability differs"}
    assert all(each.worst[0].startswith("vectors/rotated.jpg (") for each in found.checks)


def test_a_network_that_answers_the_same_to_everything_proves_nothing(bundle):
    def same(rows):
        for row in rows:
            row["probabilities"] = [0.5, 0.25, 0.25]

    found = verify(expecting(bundle, same), VerifyRequest())
    assert not found.passed
    assert all("proves nothing" in each.fault for each in found.checks)


def test_a_small_file_that_asks_for_any_amount_of_memory_gets_none(bundle):
    from onnx import TensorProto, helper

    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [1 << 20, 3 << 20])
    nodes = [
        helper.make_node("Constant", [], ["shape"], value=shape),
        helper.make_node("ConstantOfShape", ["shape"], ["much"]),
        helper.make_node("ReduceMean", ["much"], ["probabilities"], axes=[0], keepdims=1),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 32, 32, 3])
    answer = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 3 << 20])
    graph = helper.make_graph(nodes, "made", [image], [answer])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (bundle / "model.onnx").write_bytes(model.SerializeToString())
    found = verify(retold(bundle, "model.onnx"), VerifyRequest(runtimes=("onnxruntime",)))
    assert found.checks == ()
    assert any(fault.startswith("'model.onnx' cannot be asked in 'onnxruntime'") for fault in found.faults), found


def test_another_order_of_classes_than_the_model_carries_is_a_fault(bundle):
    classes = json.loads((bundle / "manifest.json").read_text())["classes"]
    found = verify(retold(bundle, classes=classes[::-1]), VerifyRequest())
    assert "'model.tflite' carries another 'classes' than the manifest tells" in found.faults
    assert "'model.onnx' carries another 'classes' than the manifest tells" in found.faults


def test_a_client_of_somebody_else_is_told_of_and_never_run(bundle, tmp_path):
    (bundle / "run.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w')\n")
    found = verify(retold(bundle, "run.py"), VerifyRequest())
    assert found.passed
    assert any(note.startswith("its run.py is not this derm's client") for note in found.notes)
    assert not (tmp_path / "was-run").exists()


def test_a_runtime_that_was_asked_for_and_cannot_be_had_is_a_fault_and_else_a_note(bundle):
    found = verify(bundle, VerifyRequest(runtimes=("mediapipe",)))
    assert found.faults == ("'mediapipe' needs a folder for its environment: name one with --cache DIR.",)
    assert any("'mediapipe' needs a folder" in note for note in verify(bundle, VerifyRequest()).notes)
    with pytest.raises(RequestError, match="no runtime 'tensorrt': name one or more of litert, onnxruntime, "):
        verify(bundle, VerifyRequest(runtimes=("tensorrt",)))
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "model.onnx").unlink()
    manifest["files"].pop("model.onnx")
    manifest["models"].pop()
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    found = verify(bundle, VerifyRequest(runtimes=("onnxruntime",)))
    assert found.faults == ("no model of the bundle can be asked in 'onnxruntime'",)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(DermError, match="it is not there, or no file"):
        verify(tmp_path, VerifyRequest())


def test_older_runtimes_are_asked_in_environments_that_are_made_once(packed, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    # tflite-runtime has no wheel for later Pythons.
    older = ("tflite-runtime",) if sys.version_info < (3, 12) else ()
    asked = VerifyRequest(runtimes=(*older, "mediapipe"), cache=cache)
    found = verify(packed, asked)
    assert found.passed, found
    # Two of the vectors are grey: none of them spoils the answers that follow.
    assert [(each.runtime, each.source) for each in found.checks] == [
        *((name, "test vectors") for name in older),
        ("mediapipe", "test vectors, resized already"),
    ]
    assert all(each.max_difference < 1e-5 for each in found.checks)
    (note,) = [note for note in found.notes if "own rule" in note]
    assert note.startswith("'model.tflite' in mediapipe on 11 test vectors that it resizes by its own rule: ")
    monkeypatch.setattr("mobile_export.bundle.runtimes._make", lambda *_: pytest.fail("made a second time"))
    assert verify(packed, asked).passed
    assert not shutil.which("mediapipe", path=str(cache))
