"""A stranger's Keras artefact, sealed as derm seals, is bounded where it is loaded, not where it is looked at alone."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from mobile_export.artefact.seal import SIZE, write_seal
from mobile_export.specs import KERAS
from tests.support.artefact_files import as_older_derm_wrote, entries_of, put_together


def spoilt(source, path, change):
    """Write the artefact with another description of its network, sealed anew."""
    parts = entries_of(source)
    config = json.loads(parts["config.json"])
    change(config["config"]["layers"])
    put_together(path, b"", parts | {"config.json": json.dumps(config).encode()}, b"0" * SIZE)
    write_seal(path)
    return path


def larger(layers):
    (layer,) = [each for each in layers if each["config"].get("filters") == 3][-1:]
    layer["config"].update(filters=3, kernel_size=[40_000, 40_000], padding="same")


def with_program(layers):
    layers[-1].update(class_name="Lambda", module="keras.layers")


@pytest.mark.parametrize(
    ("change", "said"),
    [(larger, "its layers would take"), (with_program, "of the kind 'Lambda' would run a program that it carries")],
)
def test_predict_refuses_it_in_a_sentence(change, said, artefacts, place, tmp_path):
    path = spoilt(artefacts["keras"], tmp_path / "model.keras", change)
    Image.new("RGB", (32, 32)).save(tmp_path / "photograph.png")
    assert said in place.refused("predict", path, tmp_path / "photograph.png")


def test_what_derm_writes_and_wrote_is_loaded(artefacts, tmp_path):
    for path in (artefacts["keras"], as_older_derm_wrote(artefacts["keras"], tmp_path / "older.keras")):
        assert KERAS.load(path).facts.run
