"""Every table fits its terminal, of 80 and of 100 columns, and no id is cut."""

from __future__ import annotations

import pytest
from PIL import Image

from derm_cli.taxonomy import LesionClass
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx

CLASSES = (LesionClass(name="MEL", title="melanoma"), LesionClass(name="NEV", title="nevus"))
TRAIN = ("train", "--backbone", "effnet-lite0", "--chain", "imagenet,pad-ufes-20", "--dry-run")
COMMANDS = [
    ("plugins", "list"),
    ("data", "list"),
    ("runs", "list"),
    ("runs", "show"),
    ("doctor",),
    (*TRAIN, "--recipe", "strong"),
    (*TRAIN, "--recipe", "frozen-block"),
    (*TRAIN, "--folds", "5"),
]


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_printed_fits(finished, command, columns):
    place, run = finished
    result = place.derm(*command, COLUMNS=str(columns))
    assert [line for line in result.stdout.splitlines() if len(line) > columns] == []
    if command[0] == "runs":
        assert run in result.stdout


@pytest.mark.parametrize("columns", [80, 100])
def test_predictions_fit_however_many_classes_there_are(place, tmp_path, columns):
    """Where there is no room for a column of each, the likeliest are named with their titles."""
    photograph = tmp_path / f"{'photograph-' * 4}1.jpg"
    Image.new("RGB", (32, 32), (200, 90, 40)).save(photograph)
    model = write_onnx(tmp_path / "model.onnx", made_facts(classes=CLASSES))
    shown = place.derm("predict", model, photograph, COLUMNS=str(columns)).stdout
    lines = shown.splitlines()
    assert lines[0] == str(photograph)
    assert [line.split()[1:] for line in lines[1:3]] in (
        [["MEL", "melanoma"], ["NEV", "nevus"]],
        [["NEV", "nevus"], ["MEL", "melanoma"]],
    )
    assert [line for line in lines if len(line) > columns and line != str(photograph)] == []
    assert place.derm("predict", model, photograph, COLUMNS="400").stdout.splitlines()[-1].startswith(str(photograph))
