"""``derm verify``: what it prints, by what it exits, and that a run's own photographs are asked about."""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.xdist_group("calibrated")


@pytest.fixture
def shipped(bundled):
    """A place with the run, its id and its zipped bundle: look, but do not change it."""
    return bundled.place, bundled.run, bundled.folder / "bundle.zip"


OWN = ("--runtime", "litert", "--runtime", "onnxruntime")


def test_a_bundle_is_proved_on_its_vectors_and_on_the_run_s_photographs(shipped):
    place, run, bundle = shipped
    found = place.json("verify", bundle, *OWN, "--run", run, "--photographs", "8")
    assert found["passed"] is True
    assert [(each["model"], each["source"], each["photographs"]) for each in found["checks"]] == [
        *(("model.tflite", "test vectors", 11), ("model.tflite", "photographs", 8)),
        *(("model.onnx", "test vectors", 11), ("model.onnx", "photographs", 8)),
    ]
    assert all(each["max_difference"] < 1e-5 for each in found["checks"])
    assert all(set(each["recall"].values()) == {0.0} for each in found["checks"][1::2])
    printed = place.derm("verify", bundle, "--runtime", "litert").stdout
    assert [line.split()[-1] for line in printed.splitlines()[-1:]] == ["passed"]


def test_a_bundle_that_was_changed_fails_with_a_sentence(shipped, tmp_path):
    place, _, bundle = shipped
    shutil.unpack_archive(bundle, tmp_path / "b")
    (tmp_path / "b" / "labels.txt").write_text("MEL\n")
    said = place.refused("verify", tmp_path / "b", *OWN)
    assert said.startswith("Error: 'labels.txt' has 4 bytes, not the ")


def test_another_run_s_photographs_show_that_it_is_another_model(shipped, finished, tmp_path):
    bundle, (other, run) = shipped[2], finished
    said = other.derm("verify", bundle, "--runtime", "litert", "--run", run, exit_status=1)
    assert "a probability differs by" in said.stderr
    assert "Worst: " in said.stderr


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (("nowhere",), "There is no bundle 'nowhere'", 2),
        ((".",), "is no bundle, for it has no 'manifest.json'", 2),
    ],
)
def test_what_is_no_bundle_is_named(place, arguments, said, status):
    assert said in place.refused("verify", *arguments, exit_status=status)


def test_an_unknown_runtime_is_named_with_those_that_there_are(shipped):
    place, _, bundle = shipped
    said = place.refused("verify", bundle, "--runtime", "tensorrt", exit_status=2)
    assert "There is no runtime 'tensorrt': name one or more of litert, onnxruntime" in said
