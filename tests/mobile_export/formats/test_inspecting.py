"""Each format tells the same of the same network, and what is damaged is told in a sentence."""

from __future__ import annotations

import pytest

from derm_cli.errors import DermError
from mobile_export import derm_exporters

SPECS = {spec.name: spec for spec in derm_exporters()}
TYPES = {"keras": "float32", "tflite": "uint8", "onnx": "uint8"}
CONVOLUTIONS = {"keras": "Conv2D", "tflite": "CONV_2D", "onnx": "Conv"}


@pytest.mark.parametrize("name", SPECS)
def test_what_is_in_each_format(name, artefacts, facts):
    found = SPECS[name].inspect(artefacts[name])
    assert found.facts == facts
    assert found.is_sealed
    (entry,), (answer,) = found.inputs, found.outputs
    assert (entry.type, entry.shape[1:]) == (TYPES[name], (32, 32, 3))
    assert (answer.name, answer.type.removesuffix("32"), answer.shape[1]) == ("probabilities", "float", 3)
    assert found.operations[CONVOLUTIONS[name]] >= 2
    # 3 x 3 x 3 x 8, and more.
    assert sum(each.size for each in found.weights.values()) >= 4 * 216
    assert any("derm" in key for key in found.metadata)


@pytest.mark.parametrize("name", SPECS)
def test_a_damaged_one_is_told(name, artefacts, tmp_path):
    path = tmp_path / artefacts[name].name
    path.write_bytes(artefacts[name].read_bytes()[:-100])
    with pytest.raises(DermError, match="is damaged, or no artefact"):
        SPECS[name].inspect(path)
