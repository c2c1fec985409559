"""The built-in recipes, and the components that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import (
        AnnealingSpec,
        AugmentationSpec,
        AverageSpec,
        LossSpec,
        MixingSpec,
        OptimizerSpec,
        RecipeSpec,
        SamplerSpec,
        TargetSpec,
        ViewSpec,
    )


@hookimpl
def derm_losses() -> list[LossSpec]:
    """Return the built-in losses."""
    from derm_recipes.specs import LOSSES

    return LOSSES


@hookimpl
def derm_samplers() -> list[SamplerSpec]:
    """Return the built-in samplers."""
    from derm_recipes.specs import SAMPLERS

    return SAMPLERS


@hookimpl
def derm_targets() -> list[TargetSpec]:
    """Return the built-in targets."""
    from derm_recipes.specs import TARGETS

    return TARGETS


@hookimpl
def derm_mixings() -> list[MixingSpec]:
    """Return the built-in ways to mix photographs."""
    from derm_recipes.specs import MIXINGS

    return MIXINGS


@hookimpl
def derm_optimizers() -> list[OptimizerSpec]:
    """Return the built-in optimizers."""
    from derm_recipes.specs import OPTIMIZERS

    return OPTIMIZERS


@hookimpl
def derm_annealings() -> list[AnnealingSpec]:
    """Return the built-in annealings of the rates."""
    from derm_recipes.specs import ANNEALINGS

    return ANNEALINGS


@hookimpl
def derm_averages() -> list[AverageSpec]:
    """Return the built-in averages of the weights."""
    from derm_recipes.specs import AVERAGES

    return AVERAGES


@hookimpl
def derm_augmentations() -> list[AugmentationSpec]:
    """Return the built-in augmentations."""
    from derm_recipes.specs import AUGMENTATIONS

    return AUGMENTATIONS


@hookimpl
def derm_views() -> list[ViewSpec]:
    """Return the built-in views."""
    from derm_recipes.specs import VIEWS

    return VIEWS


@hookimpl
def derm_recipes() -> list[RecipeSpec]:
    """Return the built-in recipes."""
    from derm_recipes.recipes import RECIPES

    return RECIPES
