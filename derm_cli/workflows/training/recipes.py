"""Recipes: what a training is asked for where nothing else is given (``derm train --recipe``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derm_cli.errors import DermError, did_you_mean
from derm_cli.plugin import RecipeSpec
from derm_cli.plugin.registry import Registry

DEFAULT_RECIPE = "paper"
"""The recipe that ``derm train`` takes where none is named."""

REPEATED = {"phase": "phase_options", "augment": "augment"}
"""Options that a recipe and a user give together: the recipe's come first, so that the user's win."""

TYPES: dict[str, type | tuple[type, ...]] = {
    "strategy": str,
    "schedule": str,
    "size": int,
    "resize": str,
    "interpolation": str,
    "crop": str,
    "crop-margin": (int, float),
    "constancy": str,
    "epochs": int,
    "head-rate": (int, float),
    "block-rate": (int, float),
    "per-class": int,
    "norm-momentum": (int, float),
    "validation-share": (int, float),
    "augmentation": str,
    "no-augment": bool,
    "views": str,
    "focus": (int, float),
    "pooling": str,
    "logit-adjustment": (int, float),
    "metadata": str,
    **dict.fromkeys(REPEATED, tuple),
}
"""The options that a recipe can set, by their names on the command line, and the types of their values."""


def recipe_options(registry: Registry, name: str) -> dict[str, Any]:
    """Return the options that a recipe sets, by parameter.

    Raises RequestError where there is no such recipe, DermError where it sets what no recipe can.
    """
    spec = registry.get(RecipeSpec, name)
    options: dict[str, Any] = {}
    for key, value in spec.values.items():
        wanted = TYPES.get(key)
        if wanted is None:
            raise DermError(
                f"The recipe '{name}' sets '{key}', which no recipe can.{did_you_mean(key, TYPES)} Tell its author."
            )
        is_flag = isinstance(value, bool)
        if not isinstance(value, wanted) or (is_flag and wanted is not bool):
            raise DermError(
                f"The recipe '{name}' sets '{key}' to '{value}', which has the wrong type: tell its author."
            )
        options[REPEATED.get(key, key.replace("-", "_"))] = value
    return options


def with_recipe(defaults: Mapping[str, Any], recipe: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options by parameter: what is ``given`` wins over the recipe's, and that over the ``defaults``."""
    options = {**defaults, **recipe, **given}
    for name in REPEATED.values():
        if name in recipe or name in given:
            options[name] = (*recipe.get(name, ()), *given.get(name, ()))
    return options
