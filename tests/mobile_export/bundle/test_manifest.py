"""The manifest says what an app has to know, and nothing of people."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from derm_cli.plugin import Licence, PackedModel
from mobile_export.bundle.manifest import NO_RULE, manifest_of, warning_of


@pytest.fixture(scope="module")
def manifest(packed):
    return json.loads((packed / "manifest.json").read_text())


def test_it_says_first_what_has_to_be_said_first(manifest):
    first, second, *_ = manifest
    assert (first, second) == ("warning", "medical_device")
    assert manifest["warning"].startswith("NOT FOR COMMERCIAL USE: trained on made (CC BY-NC 4.0);")
    assert "SYNTHETIC" in manifest["warning"]
    assert manifest["medical_device"].startswith("This is not a medical device.")
    assert manifest["licences"]["non_commercial"] is True


@pytest.mark.parametrize(
    ("licences", "made", "warning"),
    [
        ((), False, ""),
        ((Licence(name="x", licence="CC0"),), False, ""),
        ((Licence(name="x", licence="NC", non_commercial=True),), False, "NOT FOR COMMERCIAL USE: trained on x (NC);"),
        ((), True, "SYNTHETIC: drawn photographs"),
    ],
)
def test_the_warning_is_that_of_datasets_and_of_weights(pack_request, licences, made, warning):
    facts = replace(pack_request.facts, made=made)
    for field in ("datasets", "weights"):
        request = replace(pack_request, facts=facts, **{"datasets": (), "weights": (), field: licences})
        assert warning_of(request).startswith(warning)
        assert bool(warning_of(request)) == bool(warning)


def test_it_has_the_classes_in_their_order(manifest):
    assert [(each["name"], each["title"], each["severity"]) for each in manifest["classes"]] == [
        *(("NEV", "Class NEV", "benign"), ("MEL", "Class MEL", "malignant"), ("é", "Class é", None))
    ]
    assert [each["titles"] for each in manifest["classes"]] == [{"en": f"Class {name}"} for name in ("NEV", "MEL", "é")]


def test_a_threshold_has_what_is_behind_it(manifest):
    (threshold,) = manifest["thresholds"]
    assert (threshold["cases"], threshold["groups"]) == (30, 20)
    assert threshold["measured"] == {
        "cases": 40,
        "positives": 10,
        "prevalence": 0.25,
        "sensitivity": 0.9,
        "specificity": 0.6,
        "precision": 0.4,
        "npv": None,
        "referred": 0.5,
        "intervals": {"sensitivity": [0.6, 0.98], "npv": None},
    }


def test_the_rules_of_advice_are_those_of_the_referral(manifest):
    assert [(each["name"], each["classes"], each["threshold"]) for each in manifest["advice"]["rules"]] == [
        *(("now", ["MEL"], 0.25), ("soon", ["MEL"], 0.1))
    ]
    assert manifest["advice"]["otherwise"]["name"] == "not"


@pytest.mark.parametrize("evaluation", [{}, {"referral": None}, {"triage": None, "temperature": {"reason": "few"}}])
def test_without_thresholds_it_says_so(pack_request, tmp_path, evaluation):
    (tmp_path / "m").touch()
    found = manifest_of(replace(pack_request, evaluation=evaluation), [], tmp_path)
    assert found["advice"]["rules"] == []
    assert found["advice"]["otherwise"] == {"name": "none", "text": NO_RULE}
    assert found["thresholds"][0]["measured"] is None
    assert found["temperature"] is None


def test_each_file_has_its_size_and_hash(manifest, packed):
    files = {path.relative_to(packed).as_posix(): path for path in packed.rglob("*") if path.is_file()}
    assert manifest["files"].keys() == files.keys() - {"manifest.json"}
    assert {name: each["size"] for name, each in manifest["files"].items()} == {
        name: path.stat().st_size for name, path in files.items() if name != "manifest.json"
    }
    assert [each["file"] for each in manifest["models"]] == ["model.tflite", "model.onnx"]
    assert all(manifest["files"][each["file"]]["sha256"] == each["sha256"] for each in manifest["models"])


@pytest.mark.parametrize(
    ("variant", "kind"),
    [("", "uint8"), ("float16", "uint8"), ("float-input", "float32"), ("int8-float-input", "float32")],
)
def test_a_model_s_variant_tells_the_type_of_its_photographs(pack_request, tmp_path, variant, kind):
    (tmp_path / "m.tflite").touch()
    model = PackedModel(path=tmp_path / "m.tflite", exporter="tflite", variant=variant)
    (found,) = manifest_of(pack_request, [("m.tflite", model)], tmp_path)["models"]
    assert (found["variant"], found["input"]) == (variant, kind)


def test_each_number_of_the_answers_is_told(packed_with_answers):
    found = json.loads((packed_with_answers / "manifest.json").read_text())
    assert found["questions"]["vector"] == [
        {"question": "age", "is": "", "less": 50.0, "over": 20.0},
        {"question": "bleed", "is": "yes", "less": 0.25, "over": 0.5},
        {"question": "site", "is": "head/neck", "less": 0.5, "over": 1.0},
        {"question": "site", "is": "torso", "less": 0.5, "over": 1.0},
    ]
    assert [each["name"] for each in found["inputs"]] == ["image", "answers"]
    assert found["inputs"][1]["shape"] == ["batch", 4]
