"""Recipes: what a training is asked for where nothing else is given (``derm train --recipe``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derm_cli.errors import DermError
from derm_cli.plugin import RecipeSpec
from derm_cli.plugin.contracts.recipe_values import REPEATED, values_fault
from derm_cli.plugin.registry import Registry

DEFAULT_RECIPE = "strong"
"""The recipe that ``derm train`` takes where none is named."""


def recipe_options(registry: Registry, name: str) -> dict[str, Any]:
    """Return the options that a recipe sets, by parameter.

    Raises RequestError where there is no such recipe, DermError where it sets what no recipe can.
    """
    spec = registry.get(RecipeSpec, name)
    options: dict[str, Any] = {}
    if fault := values_fault(spec.values):
        raise DermError(f"The recipe '{name}' {fault} Tell its author.")
    for key, value in spec.values.items():
        options[REPEATED.get(key, key.replace("-", "_"))] = value
    return options


def with_recipe(defaults: Mapping[str, Any], recipe: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options by parameter: what is ``given`` wins over the recipe's, and that over the ``defaults``."""
    options = {**defaults, **recipe, **given}
    for name in REPEATED.values():
        if name in recipe or name in given:
            options[name] = (*recipe.get(name, ()), *given.get(name, ()))
    return options
