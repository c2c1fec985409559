"""``derm train --recipe``: the options of a recipe, and those that were given beside it."""

from __future__ import annotations

import shlex
from typing import Any

import click

from derm_cli.cli import session
from derm_cli.preprocessing import NO_STEPS


def options_with_recipe(ctx: click.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of ``derm train`` with those of its recipe in place of defaults.

    What the command line, a variable or derm.toml gave wins.  ``beside_recipe`` lists what won over it, as it is typed.
    """
    from derm_cli.plugin.contracts.recipe_values import REPEATED, TYPES
    from derm_cli.workflows.training.recipes import recipe_options, with_recipe

    given_names = {name for name in options if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT}
    given = {name: options[name] for name in options if name in given_names}
    recipe = recipe_options(session(ctx).registry, options["recipe"])
    by_parameter = {REPEATED.get(key, key.replace("-", "_")): key for key in TYPES}
    beside = tuple(
        text
        for name, key in by_parameter.items()
        if name in given
        for text in _texts(key, given[name])
        if recipe.get(name) != given[name]
    )
    return {**with_recipe(options, recipe, given), "beside_recipe": beside}


def _texts(key: str, value: Any) -> list[str]:
    """Return an option with its value as they are typed, one text for each time that it is."""
    if isinstance(value, bool):
        return [f"--{key}"] if value else []
    if value == () and key == "preprocess":
        # An empty list of derm.toml.
        value = NO_STEPS
    values = value if isinstance(value, tuple) else (value,)
    return [f"--{key} {shlex.quote(str(each))}" for each in values if each is not None]
