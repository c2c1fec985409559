"""The built-in recipes: each is carried out as it stands, and the paper's is the paper's."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.plugin.registry import Registry
from derm_cli.workflows.training.recipes import DEFAULT_RECIPE, recipe_options
from derm_recipes.recipes import RECIPES
from tests.support import trees

NAMES = [recipe.name for recipe in RECIPES]


def make_moles(place):
    trees.make_folder(place.data / "made-moles")
    Path("derm.toml").write_text('[datasets.made-moles]\nreader = "folder"\n')


def test_the_recipes_that_there_are():
    assert NAMES == ["paper", "frozen-block", "strong", "fast"]
    assert DEFAULT_RECIPE in NAMES


def test_the_paper_s_sets_nothing_so_that_every_default_is_the_paper_s():
    assert recipe_options(Registry(), "paper") == {}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "backbone", ["effnet-lite0", "effnet-b3", "mobilenet-v2", "resnet50", "effnet-v2-b0", "convnext-tiny"]
)
def test_a_recipe_makes_a_plan_of_every_backbone(place, name, backbone):
    make_moles(place)
    plan = place.json("train", "--recipe", name, "--backbone", backbone, "--chain", "made-moles", "--dry-run")
    assert plan["recipe"].startswith(name)
    assert plan["stages"][0]["phases"]


@pytest.mark.parametrize("name", ["strong", "fast"])
def test_a_recipe_trains_is_exported_and_agrees(place, name):
    """Small, and from random weights: it shows that all parts go together, not what it is worth."""
    make_moles(place)
    small = ("--size", "54", "--epochs", "1", "--per-class", "2")
    run = place.json("train", "--recipe", name, "--backbone", "effnet-lite0", "--chain", "made-moles", *small)["run"]
    (artefact,) = place.json("export", run, "--tflite")["artefacts"]
    assert artefact["max_difference"] < 1e-4
    shown = place.derm("runs", "show", run).stdout
    assert run in shown
