"""Recipes: what wins, and what a recipe cannot set."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import RecipeSpec
from derm_cli.workflows.training.recipes import recipe_options, with_recipe
from tests.support import trees


def make_moles(place):
    trees.make_folder(place.data / "made-moles")
    Path("derm.toml").write_text('[datasets.made-moles]\nreader = "folder"\n')


class OneRecipe:
    """A registry of one recipe."""

    def __init__(self, **values):
        self.values = {name.replace("_", "-"): value for name, value in values.items()}

    def get(self, kind, name):
        assert kind is RecipeSpec
        return RecipeSpec(name=name, title="Made", source="tests", values=self.values)


def test_the_options_of_a_recipe_are_parameters():
    options = recipe_options(OneRecipe(head_rate=0.1, phase=("ema=0.9",), size=64), "made")
    assert options == {"head_rate": 0.1, "phase_options": ("ema=0.9",), "size": 64}
    assert recipe_options(OneRecipe(preprocess=("a:b=1", "c")), "made") == {"preprocess": ("a:b=1", "c")}


def test_what_is_given_wins_over_the_recipe_and_that_over_the_defaults():
    defaults = {"epochs": 3, "size": None, "augment": (), "phase_options": ()}
    recipe = {"epochs": 8, "size": 214, "phase_options": ("ema=0.9", "loss=focal")}
    given = {"size": 96, "phase_options": ("loss=ldam",)}
    assert with_recipe(defaults, recipe, given) == {
        "epochs": 8,
        "size": 96,
        "augment": (),
        "phase_options": ("ema=0.9", "loss=focal", "loss=ldam"),
    }


def test_steps_of_preprocessing_are_not_added_to_a_recipe_s_but_stand_in_their_place():
    recipe = {"preprocess": ("a", "b")}
    assert with_recipe({"preprocess": ()}, recipe, {})["preprocess"] == ("a", "b")
    assert with_recipe({"preprocess": ()}, recipe, {"preprocess": ("c",)})["preprocess"] == ("c",)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"chain": "edra"}, "The recipe 'made' sets 'chain', which no recipe can. Known: augment,"),
        ({"epoch": 3}, "The recipe 'made' sets 'epoch', which no recipe can. Did you mean 'epochs'?"),
        ({"epochs": "3"}, "The recipe 'made' sets 'epochs' to '3', but it must be a whole number. Tell its author."),
        ({"epochs": True}, "The recipe 'made' sets 'epochs' to True, but it must be a whole number. Tell its author."),
        ({"preprocess": "a"}, "The recipe 'made' sets 'preprocess' to 'a', but it must be a tuple of texts. Tell its"),
        ({"preprocess": ("none",)}, "sets 'preprocess' to ('none',), but 'none' is no step: leave it out. Tell its"),
        ({"preprocess": ("a", "a:b=1")}, "sets 'preprocess' to ('a', 'a:b=1'), but each step must stand once. Tell"),
        (
            {"phase": "ema=0.9"},
            "The recipe 'made' sets 'phase' to 'ema=0.9', but it must be a tuple of texts. Tell its author.",
        ),
    ],
)
def test_what_a_recipe_cannot_set_is_told_of_its_author(values, said):
    with pytest.raises(DermError) as refused:
        recipe_options(OneRecipe(**values), "made")
    assert said in str(refused.value)


def test_the_command_line_tells_what_was_given_beside_a_recipe(place):
    make_moles(place)
    words = ("train", "--backbone", "effnet-lite0", "--chain", "made-moles", "--dry-run")
    strong = place.json(*words, "--recipe", "strong")
    assert strong["recipe"] == "strong"
    changed = place.json(*words, "--recipe", "strong", "--size", "107", "--phase", "dropout=0.1", "--pooling", "mean")
    assert changed["recipe"] == "strong with --size 107 --pooling mean --phase dropout=0.1"
    assert (changed["preprocessing"]["size"], changed.get("pooling")) == (107, None)
    (phase,) = changed["stages"][0]["phases"]
    assert (phase["options"]["dropout"], phase["options"]["head_copies"]) == (0.1, 6)
    assert place.json(*words, "--recipe", "strong", "--size", "214")["recipe"] == "strong", "which it has anyway"
    # derm.toml and variables win like the command line.
    assert place.json(*words, DERM_TRAIN_RECIPE="strong", DERM_TRAIN_SIZE="107")["recipe"] == "strong with --size 107"


def test_without_a_word_the_recipe_is_the_one_that_wins(place):
    make_moles(place)
    words = ("train", "--backbone", "effnet-lite0", "--chain", "made-moles", "--dry-run")
    assert place.json(*words, DERM_TRAIN_RECIPE="")["recipe"] == "strong"
    assert "Recipe strong" in place.derm(*words, DERM_TRAIN_RECIPE="").stdout


def test_an_unknown_recipe_offers_the_nearest(place):
    said = place.refused("train", "--recipe", "stong", "--chain", "imagenet,x", "--dry-run", exit_status=2)
    assert "There is no recipe 'stong'. Did you mean 'strong'?" in said


def test_a_recipe_makes_do_with_few_photographs_and_what_is_asked_for_is_refused(place):
    make_moles(place)
    words = ("train", "--recipe", "strong", "--backbone", "effnet-lite0", "--chain", "made-moles", "--dry-run")
    plan = place.json(*words)
    (stage,) = plan["stages"]
    photographs = sum(sum(stage[part].values()) for part in ("train", "validation", "test"))
    assert plan["per_class"] == min(4, photographs // len(stage["classes"]))
    assert "--per-class is '1000'" in place.refused(*words, "--per-class", "1000", exit_status=2)
