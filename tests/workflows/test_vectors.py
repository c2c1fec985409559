"""A head on vectors of a foundation model, from the file to the answers: ``--backbone features``."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.requests import PreprocessingRequest
from derm_cli.errors import RequestError
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.vectors import without_pixels
from tests.support import trees

TRAIN = ("train", "--backbone", "features", "--chain", "made-moles", "--recipe", "strong", "--epochs", "6")
OPTIONS = ("--head-rate", "0.05", "--validation-share", "0.2", "--per-class", "2")


def write_vectors(names: dict[str, str], path: Path, dimensions: int = 8, seed: int = 0) -> Path:
    """Give each name a vector that tells its class; ``names`` has the class of each."""
    draw, classes = np.random.default_rng(seed), sorted({*names.values()})
    told = np.eye(len(classes), dimensions)
    vectors = {name: told[classes.index(of)] + draw.normal(scale=0.05, size=dimensions) for name, of in names.items()}
    np.savez(path, **vectors)
    return path


def moles(place) -> dict[str, str]:
    """Return the class of each photograph of the dataset, by its path in it."""
    root = place.data / "made-moles"
    files = [
        each for each in sorted(root.rglob("*")) if each.suffix.lower() in (".jpg", ".png") and each.name[0] != "."
    ]
    return {each.relative_to(root).as_posix(): each.relative_to(root).parts[0] for each in files}


@pytest.fixture(scope="module")
def probed(place_in, tmp_path_factory):
    """A place with a finished run on vectors: look, do not change it."""
    place = place_in(tmp_path_factory.mktemp("probed"))
    trees.make_folder(place.data / "made-moles")
    (place.root / "derm.toml").write_text('[datasets.made-moles]\nreader = "folder"\n')
    write_vectors(moles(place), place.root / "vectors.npz")
    kept = dict(os.environ)
    try:
        there = {**_there(place), "DERM_TRAIN_BASELINES": "yes"}
        found = place.json(*TRAIN, *OPTIONS, "--features", place.root / "vectors.npz", **there)
        return place, found
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _there(place) -> dict[str, str]:
    return {"DERM_CONFIG": str(place.root / "derm.toml")}


def test_a_head_learns_what_the_vectors_tell(probed):
    place, trained = probed
    assert trained["evaluation"]["balanced_accuracy"] == 1
    plan = json.loads((place.runs / trained["run"] / "plan.json").read_text())
    assert plan["preprocessing"]["vector"] == 8
    assert (plan["augmentation"], plan.get("views"), plan.get("pooling")) == (None, None, None)
    phases = plan["stages"][0]["phases"]
    assert [phase["blocks"] for phase in phases] == [[]], "there is nothing but the head"
    frozen = trained["evaluation"]["baselines"]["frozen-features"]
    assert frozen["balanced_accuracy"] == 1, "a regression on the vectors is what the head is compared with"
    report = (place.runs / trained["run"] / "report.html").read_text()
    assert "vectors of 8 numbers" in report


@pytest.fixture(scope="module")
def new(probed, tmp_path_factory) -> tuple[dict[str, str], list[Path], Path]:
    """New photographs: their classes, their files, and the file of their vectors, by the files' names."""
    folder = tmp_path_factory.mktemp("new")
    names = {f"{label}-{number}": label for label in sorted({*moles(probed[0]).values()}) for number in range(2)}
    files = [folder / f"{name}.jpg" for name in names]
    for file in files:
        Image.new("RGB", (40, 40)).save(file)
    return names, files, write_vectors(names, folder / "new.npz", seed=1)


def test_new_photographs_are_answered_by_their_vectors(probed, new):
    (place, trained), (names, files, vectors) = probed, new
    asked = ("predict", trained["run"], *files, "--features", vectors)
    answers = place.json(*asked, **_there(place))["answers"]
    assert [each["prediction"] for each in answers] == list(names.values())


def test_a_photograph_without_a_vector_is_named_and_the_others_are_answered(probed, new, tmp_path):
    (place, trained), (_, files, vectors) = probed, new
    with np.load(vectors) as archive:
        np.savez(tmp_path / "some.npz", **{files[0].stem: archive[files[0].stem]})
    asked = ("predict", trained["run"], *files[:2], "--features", tmp_path / "some.npz", "--jsonl")
    answers = [json.loads(line) for line in place.derm(*asked, exit_status=1, **_there(place)).stdout.splitlines()]
    assert [each["reason"] for each in answers] == [None, f"its vector is not in '{tmp_path / 'some.npz'}'"]


def test_another_dataset_is_evaluated_by_its_vectors(probed, tmp_path):
    place, trained = probed
    # Of the run's own target, a photograph's label is its class.
    trees.make_folder(tmp_path / "data" / "made-moles", seed=1)
    vectors = write_vectors(moles(place), tmp_path / "other.npz", seed=2)
    asked = ("evaluate", trained["run"], "--data", "made-moles", "--draws", "0")
    there = {**_there(place), "DERM_DATA": str(tmp_path / "data")}
    evaluation = place.json(*asked, "--features", vectors, **there)
    assert (evaluation["cases"], evaluation["accuracy"]) == (18, 1)
    few = write_vectors(dict(list(moles(place).items())[3:]), tmp_path / "few.npz")
    said = place.refused(*asked, "--features", few, **there)
    assert f"'{few}' has no vector of 3 of 18 photographs of dataset 'made-moles', such as" in said


SHORT = ("--dry-run", "--backbone", "features", "--chain", "made-moles")


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (("train", *SHORT), "Backbone 'features' reads vectors in place of photographs: give --features FILE", 2),
        (("train", *SHORT, "--features", "{vectors}", "--size", "64"), "--size is '64', but a vector has no side", 2),
        (
            ("train", *SHORT, "--features", "{vectors}", "--crop", "lesion"),
            "--crop is 'lesion', but a vector has no",
            2,
        ),
        (
            ("train", *SHORT, "--features", "{vectors}", "--preprocess", "brushed"),
            "--preprocess is 'brushed', but a vector has no pixels: leave it out",
            2,
        ),
        (("train", *SHORT, "--features", "{none}"), "There is no file of vectors '{none}'", 1),
        (
            ("train", "--dry-run", "--backbone", "effnet-lite0", "--chain", "made-moles", "--features", "{vectors}"),
            "'effnet-lite0' reads photographs: leave it out",
            2,
        ),
        (
            ("export", "{run}", "--tflite"),
            "cannot be exported: it reads vectors, and a phone would need the foundation",
            2,
        ),
        (("predict", "{run}", "{photograph}"), "'features' reads vectors in place of photographs: give --features", 2),
        (
            ("predict", "{run}", "{photograph}", "--features", "{longer}"),
            "has vectors of 9 numbers, but run '{run}'",
            2,
        ),
        (
            ("predict", "{run}", "{photograph}", "--features", "{vectors}", "--map", "{folder}/map.png"),
            "--map draws over photographs, but the model of run '{run}' reads vectors",
            2,
        ),
        (("evaluate", "{run}", "--data", "made-moles"), "give --features FILE", 2),
        (("evaluate", "{run}", "--features", "{vectors}"), "goes with --data alone", 2),
        (
            ("evaluate", "{run}", "--report", "{folder}/r.html", "--photographs"),
            "its model reads vectors, not photogr",
            1,
        ),
    ],
)
def test_what_does_not_go_with_vectors_is_refused(arguments, said, status, probed, new, tmp_path):
    place, trained = probed
    names = {
        "vectors": str(place.root / "vectors.npz"),
        "none": str(tmp_path / "none.npz"),
        "longer": str(write_vectors(new[0], tmp_path / "longer.npz", dimensions=9)),
        "run": trained["run"],
        "photograph": str(new[1][0]),
        "folder": str(tmp_path),
    }
    given = [each.format(**names) for each in arguments]
    assert said.format(**names) in place.refused(*given, exit_status=status, **_there(place))


@pytest.mark.parametrize(("option", "value"), [("size", 96), ("crop", "lesion"), ("preprocess", ("dimmed",))])
def test_what_a_recipe_asks_of_pixels_is_left_out_and_what_the_user_asks_is_refused(option, value):
    vectors = SimpleNamespace(file=SimpleNamespace(side=64))
    rule = PreprocessingRequest(**{option: value})
    request = TrainRequest(backbone="features", chain=("moles",), recipe="clinic", preprocessing=rule)
    assert without_pixels(request, vectors).preprocessing == PreprocessingRequest(size=64)
    with pytest.raises(RequestError, match=f"--{option} is"):
        without_pixels(replace(request, beside_recipe=(f"--{option} x",)), vectors)
