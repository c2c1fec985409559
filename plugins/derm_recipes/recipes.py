"""The built-in recipes: sets of values for ``derm train``."""

from __future__ import annotations

from derm_cli.plugin import RecipeSpec

RECIPES = [
    RecipeSpec(
        name="paper",
        title="the paper's numbers, where it tells its own",
        source="Nedelcu et al., HEALTHINFO 2021, section III",
    ),
]
