"""A part that is left out is the paper's; all others stay."""

from __future__ import annotations

import pytest

from benchmarks.recipes.ablation import typed, without_each_part
from derm_cli.workflows.training.recipes import REPEATED
from derm_recipes.recipes import RECIPES

VALUES = {
    "schedule": "full",
    "epochs": 14,
    "head-rate": 1e-3,
    "no-augment": True,
    "views": "flips",
    "phase": ("sampler=square-root", "head:loss=focal:gamma=1"),
}


def test_each_option_and_each_text_of_one_that_repeats_is_left_out_in_turn():
    parts = {part: rest for part, rest, _ in without_each_part(VALUES)}
    assert list(parts) == [
        *("schedule=full", "epochs=14", "head-rate=0.001", "no-augment=True", "views=flips"),
        *("sampler=square-root", "head:loss=focal:gamma=1"),
    ]
    assert parts["views=flips"] == {name: value for name, value in VALUES.items() if name != "views"}
    assert parts["sampler=square-root"] == {**VALUES, "phase": ("head:loss=focal:gamma=1",)}


@pytest.mark.parametrize(
    ("values", "arguments"),
    [
        ({}, ()),
        ({"epochs": 14, "no-augment": True}, ("--epochs", "14", "--no-augment")),
        ({"no-augment": False}, ()),
        ({"phase": ("a=1", "b:c=2")}, ("--phase", "a=1", "--phase", "b:c=2")),
    ],
)
def test_values_are_typed_beside_the_papers(values, arguments):
    assert typed(values) == ("--recipe", "paper", *arguments)


def test_all_values_typed_beside_the_papers_ask_for_what_the_recipe_sets():
    """So what an ablation changes is the part that it leaves out, and nothing else."""
    from derm_cli.cli.train import command

    asked = command.make_context("train", list(typed(VALUES))).params
    set_by_recipe = {REPEATED.get(name, name.replace("-", "_")): value for name, value in VALUES.items()}
    assert {name: asked[name] for name in set_by_recipe} == set_by_recipe


@pytest.mark.parametrize("spec", RECIPES, ids=lambda spec: spec.name)
def test_each_part_of_the_built_in_recipes_can_be_left_out(spec):
    from derm_cli.cli.train import command

    for part, rest, arguments in without_each_part(spec.values):
        asked = command.make_context("train", list(arguments)).params
        for name, value in rest.items():
            given = asked[REPEATED.get(name, name.replace("-", "_"))]
            assert given == value, f"without {part}: {name}"
