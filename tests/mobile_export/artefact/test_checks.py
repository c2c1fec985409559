"""A file that is damaged, a stranger's or at odds with itself is refused in one sentence, and never just answers."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import onnx
import pytest

from derm_cli.errors import DermError
from mobile_export import derm_exporters
from mobile_export.artefact.seal import SIZE, write_seal
from tests.support.artefact_files import network_in_front

SPECS = {spec.name: spec for spec in derm_exporters()}
each_format = pytest.mark.parametrize("name", SPECS)


@each_format
@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: b"no model" * 99])
def test_a_damaged_file_is_named(name, artefacts, tmp_path, damage, capfd):
    path = tmp_path / artefacts[name].name
    path.write_bytes(damage(artefacts[name].read_bytes()))
    with pytest.raises(DermError, match=f"'{path}' is damaged, or no artefact that derm wrote") as caught:
        SPECS[name].load(path)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@each_format
def test_other_weights_under_the_same_facts_are_refused(name, artefacts, network, tmp_path):
    """The last layer's bias is stored as it is: three numbers, of which one is made another."""
    bias = np.asarray(network.get_layer("class_map").bias, np.float32).tobytes()
    whole = artefacts[name].read_bytes()
    assert whole.count(bias) == 1
    path = tmp_path / artefacts[name].name
    path.write_bytes(whole.replace(bias, np.float32(9).tobytes() + bias[4:]))
    with pytest.raises(DermError, match="its bytes are not those that were sealed"):
        SPECS[name].load(path)


@each_format
def test_a_file_that_is_not_there_is_named(name, tmp_path):
    with pytest.raises(DermError, match="cannot be read"):
        SPECS[name].load(tmp_path / f"none{SPECS[name].suffix}")


def test_a_stranger_s_model_without_facts_is_refused(artefacts, network, tmp_path):
    network.save(tmp_path / "own.keras")
    (tmp_path / "own.tflite").write_bytes(network_in_front(artefacts["tflite"]))
    model = onnx.load(artefacts["onnx"])
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "own.onnx")
    for name, spec in SPECS.items():
        with pytest.raises(DermError, match="no artefact that derm wrote"):
            spec.load(tmp_path / f"own.{name}")


@each_format
def test_labels_that_contradict_the_facts_are_refused(name, network, facts, tmp_path, monkeypatch):
    path = tmp_path / f"model{SPECS[name].suffix}"
    home = "mobile_export.formats.onnx" if name == "onnx" else "mobile_export.artefact.archive"
    with monkeypatch.context() as patched:
        patched.setattr(f"{home}.labels_text", lambda _: "MEL\nNEV\né\n")
        SPECS[name].export(network, facts, path)
    with pytest.raises(DermError, match="labels that contradict its facts"):
        SPECS[name].load(path)


@each_format
def test_facts_of_another_number_of_classes_are_refused(name, network, facts, tmp_path):
    path = tmp_path / f"model{SPECS[name].suffix}"
    SPECS[name].export(network, replace(facts, classes=facts.classes[:2]), path)
    with pytest.raises(DermError, match="a network for 32 pixels and 3 classes, but facts for 32 and 2"):
        SPECS[name].load(path)


def test_facts_of_a_stranger_that_are_far_too_long_are_not_parsed(artefacts, tmp_path):
    """Fourteen megabytes of empty lists are most of a gigabyte to a parser of JSON."""
    network = onnx.load(artefacts["onnx"])
    for each in network.metadata_props:
        if each.key == "derm":
            each.value = "[" + "[]," * 4_600_000 + "[]]"
    path = tmp_path / "model.onnx"
    seal = onnx.ModelProto()
    seal.metadata_props.add(key="derm.sha256", value="0" * SIZE)
    path.write_bytes(network.SerializeToString() + seal.SerializeToString())
    write_seal(path)
    tracemalloc.start()
    with pytest.raises(DermError, match="its facts have 13800004 bytes"):
        SPECS["onnx"].load(path)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()
