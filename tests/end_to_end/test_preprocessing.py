"""Preprocessing from the command line: one rule from training to each artefact, and what is said where a mask lacks."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from derm_cli.data.preprocessing import read_photograph
from derm_cli.engine import features
from derm_cli.evaluation.reporting.plots.class_map_overlay import GAP, PANEL, TEXT
from derm_cli.plan import Preprocessing
from derm_cli.workflows.evaluating import example_photographs
from mobile_export.artefact.predictor import ArtefactPredictor
from tests.support import trees
from tests.support.commands import TINY
from tests.support.cropping import OPTIONS, RULE, make_dermofit

pytestmark = pytest.mark.xdist_group("preprocessing")


@pytest.fixture(scope="module")
def dermofit(place_in, tmp_path_factory, tiny_backbone):
    """Dermofit in its layout, with awkward photographs, and a mask an image but for the first of each class."""
    place = place_in(tmp_path_factory.mktemp("dermofit"), TINY)
    make_dermofit(place.data / "dermofit", place.root / "awkward")
    return place


@pytest.fixture(scope="module")
def trained(dermofit):
    """A run with artefacts, and everything that its network was shown and its artefacts were asked."""
    patched = pytest.MonkeyPatch()
    shown, asked = [], []
    forward, call = features.make_forward, ArtefactPredictor.__call__

    def showing(model, compiled):
        answer = forward(model, compiled)

        def asked_of_the_network(photographs):
            shown.append(photographs.copy())
            return answer(photographs)

        return asked_of_the_network

    def asking(self, photographs):
        asked.append((self._path.suffix, photographs.copy()))
        return call(self, photographs)

    patched.setattr(features, "make_forward", showing)
    patched.setattr(ArtefactPredictor, "__call__", asking)
    try:
        run = dermofit.train("imagenet,dermofit", *OPTIONS, "--no-augment")["run"]
        dermofit.json("export", run, "--tflite", "--onnx")
        yield dermofit, run, shown, asked
    finally:
        patched.undo()


def alone(place, file, rule=RULE):
    path = place.data / "dermofit" / file
    mask = path.with_name(f"{path.stem}mask.png")
    return read_photograph(path, rule, mask if mask.exists() else None)


def split_of(place, run):
    return pd.read_csv(place.runs / run / "split.csv")


def same_set(found, expected):
    """Whether two lists hold the same photographs, in whatever order."""
    one, other = (sorted(each.tobytes() for each in photographs) for photographs in (found, expected))
    return one == other


def test_the_network_is_shown_the_photographs_of_the_files(trained):
    """What is trained and validated on, as the frozen part of the network gets it, unchanged: numbers of 0 to 255."""
    place, run, shown, _ = trained
    split = split_of(place, run)
    expected = [alone(place, file) for file in split.loc[split["part"] != "test", "file"]]
    assert len(expected) > 30
    assert {each.dtype for each in shown} == {np.dtype(np.float32)}
    pixels = {each.astype(np.uint8).tobytes() for each in np.concatenate(shown)}
    assert pixels == {each.tobytes() for each in expected}


@pytest.mark.parametrize("suffix", [".keras", ".tflite", ".onnx"])
def test_each_artefact_is_judged_on_the_photographs_of_the_files(trained, suffix):
    place, run, _, asked = trained
    split = split_of(place, run)
    expected = [alone(place, file) for file in split.loc[split["part"] == "test", "file"]]
    pixels = [each for of, photographs in asked if of == suffix for each in photographs]
    assert len(expected) >= 10
    assert same_set(pixels[: len(expected)], expected)


def test_predict_hands_every_artefact_the_same_photographs(trained):
    place, run, _, asked = trained
    root = place.data / "dermofit"
    files = [path for path in sorted(root.rglob("*.png")) if not path.stem.endswith(("mask", "1"))][::5]
    masks = [path.with_name(f"{path.stem}mask.png") for path in files]
    given = [part for mask in masks for part in ("--mask", mask)]
    folder = place.runs / run
    expected = np.stack([alone(place, path.relative_to(root)) for path in files])
    answers = []
    for model in (run, folder / "model.keras", folder / "artefacts" / "model.tflite", folder / "artefacts/model.onnx"):
        asked.clear()
        answers.append(place.json("predict", model, *files, *given)["answers"])
        np.testing.assert_array_equal(np.concatenate([photographs for _, photographs in asked]), expected)
    for other in answers[1:]:
        for one, another in zip(answers[0], other, strict=True):
            assert list(one["probabilities"].values()) == pytest.approx(
                list(another["probabilities"].values()), abs=1e-4
            )


def test_predict_warns_where_a_model_that_crops_gets_no_mask(trained):
    place, run, _, asked = trained
    file = next(path for path in sorted((place.data / "dermofit").rglob("*.png")) if path.stem.endswith("2"))
    asked.clear()
    result = place.derm("predict", run, file)
    assert "Warning: the model of run" in result.stderr
    assert "learnt from photographs cropped to the lesion with a margin of 30%" in result.stderr
    whole = read_photograph(file, RULE)
    assert (whole != alone(place, file)).any()
    np.testing.assert_array_equal(asked[0][1][0], whole)


def test_predict_refuses_masks_that_cannot_be_meant(trained, tmp_path):
    place, run, _, _ = trained
    files = sorted((place.data / "dermofit").rglob("*2.png"))[:2]
    said = place.refused("predict", run, *files, "--mask", files[0], exit_status=2)
    assert "--mask is given '1' times for 2 photographs: give one for each" in said
    result = place.derm("predict", run, files[0], "--mask", tmp_path / "gone.png", exit_status=1)
    assert "is not answered (its mask 'gone.png': the file is not there)" in result.stderr


def test_a_map_shows_the_part_that_the_network_saw(trained, tmp_path):
    """With the mask the lesion, without it the whole."""
    place, run, _, _ = trained
    file = next(path for path in sorted((place.data / "dermofit").rglob("*.png")) if path.stem.endswith("2"))
    masks = {"cropped": ["--mask", file.with_name(f"{file.stem}mask.png")], "whole": []}
    for name, given in masks.items():
        place.derm("predict", run, file, *given, "--map", tmp_path / f"{name}.png")
    expected = {"cropped": alone(place, file), "whole": read_photograph(file, RULE)}
    times = -(-PANEL // RULE.size)
    for name, pixels in expected.items():
        with Image.open(tmp_path / f"{name}.png") as image:
            picture = np.asarray(image)
        top = GAP + TEXT + 8
        found = picture[top : top + times * RULE.size : times, GAP : GAP + times * RULE.size : times]
        np.testing.assert_array_equal(found, pixels)


def test_the_page_shows_the_parts_that_were_judged(trained, tmp_path, monkeypatch):
    """And none where a mask has changed since: the pixels would be others."""
    place, run, _, _ = trained
    # A network that hardly learnt answers nearly the same to all; on one machine it answers the same to the same.
    monkeypatch.setattr(example_photographs, "TOLERANCE", 1e-5)
    page = tmp_path / "page.html"
    asked = ("evaluate", run, "--draws", "0", "--report", page, "--photographs")
    place.derm(*asked)
    shown = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)" alt="([^:]+):', page.read_text())
    files = split_of(place, run).set_index("case_id")["file"]
    assert len(shown) > 5
    nearer = 0
    for address, case in shown:
        with Image.open(io.BytesIO(base64.b64decode(address))) as image:
            photograph = np.asarray(image)[:, : RULE.size].astype(int)
        cropped = alone(place, files[case]).astype(int)
        whole = read_photograph(place.data / "dermofit" / files[case], RULE).astype(int)
        near, far = (np.abs(photograph - each).mean() for each in (cropped, whole))
        assert near < 15, case
        nearer += near < far
    assert nearer > len(shown) / 2

    masks = [place.data / "dermofit" / files[case] for _, case in shown]
    masks = [path.with_name(f"{path.stem}mask.png") for path in masks]
    masks = [path for path in masks if path.exists()]
    kept = {path: path.read_bytes() for path in masks}
    try:
        for path in masks:
            with Image.open(path) as image:
                size = image.size
            small = Image.new("L", size)
            small.putpixel((1, 1), 255)
            small.save(path)
        said = place.refused(*asked)
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
    assert "cannot be shown: of its photograph as it is read now" in said
    assert "Put its mask back" in said


def test_a_model_that_crops_nothing_takes_no_mask(finished):
    place, run = finished
    photograph = next(place.data.rglob("*.png"))
    said = place.refused("predict", run, photograph, "--mask", photograph, exit_status=2)
    assert f"is for a model that crops to the lesion, as that of '{run}' does not" in said


def test_the_rule_is_stored_hashed_and_shown(trained):
    place, run, _, _ = trained
    folder = place.runs / run
    assert Preprocessing.from_json(json.loads((folder / "plan.json").read_text())["preprocessing"]) == RULE
    assert json.loads((folder / "run.json").read_text())["preprocessing"] == RULE.fingerprint()
    said = "32x32, letterbox, area, cropped to the lesion with a margin of 30%, shades of grey"
    assert said in (folder / "report.html").read_text()
    dry = place.derm("train", "--chain", "imagenet,dermofit", "--size", "32", *OPTIONS, "--dry-run").stdout
    assert f"Photographs {said}; " in dry


def test_export_says_how_photographs_must_be_cropped(trained):
    place, run, _, _ = trained
    assert "learnt from photographs cropped to the lesion" in place.derm("export", run, "--keras").stderr


def test_a_run_goes_on_only_with_the_masks_that_it_began_with(trained, tmp_path):
    place, run, _, _ = trained
    copy = type(place)(tmp_path / "copy")
    shutil.copytree(place.root, copy.root)
    mask = next(copy.data.rglob("*3mask.png"))
    mask.write_bytes(next(copy.data.rglob("*4mask.png")).read_bytes())
    record = copy.runs / run / "run.json"
    values = json.loads(record.read_text())
    record.write_text(json.dumps(values | {"status": "failed"}))
    said = copy.refused("train", "--resume", run)
    assert "Dataset 'dermofit' is not the one that run" in said


def test_no_crop_without_any_mask(place):
    trees.make_pad(place.data / "pad-ufes-20")
    said = place.refused("train", "--chain", "imagenet,pad-ufes-20", "--crop", "lesion", exit_status=2)
    assert "--crop is 'lesion', but no dataset of the chain has lesion masks (pad-ufes-20)" in said
