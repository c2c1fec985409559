"""What a recipe may set, of the options that this training has beside components."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from derm_cli.errors import DermError
from derm_cli.workflows.training.recipes import recipe_options, with_recipe


def registry_with(**values: Any) -> Any:
    """Return as much of a registry as a recipe is looked up in."""
    return SimpleNamespace(get=lambda kind, name: SimpleNamespace(values=values))


def test_a_recipe_may_say_which_answers_are_used_and_what_is_given_wins():
    recipe = recipe_options(registry_with(metadata="auto"), "clinic")
    assert recipe == {"metadata": "auto"}
    assert with_recipe({"metadata": "none"}, recipe, {}) == {"metadata": "auto"}
    assert with_recipe({"metadata": "none"}, recipe, {"metadata": "age"}) == {"metadata": "age"}


def test_a_recipe_of_another_type_is_refused():
    with pytest.raises(DermError, match="sets 'metadata' to '3', which has the wrong type"):
        recipe_options(registry_with(metadata=3), "clinic")
