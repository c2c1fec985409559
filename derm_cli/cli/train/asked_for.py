"""The request that the options of ``derm train`` come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.engine_options import ENGINE_OPTIONS
from derm_cli.cli.train.folds import folds_asked_for
from derm_cli.cli.train.recipe import options_with_recipe
from derm_cli.errors import RequestError
from derm_cli.plugin import AugmentationSpec, ViewSpec

if TYPE_CHECKING:
    from derm_cli.workflows.training.request import TrainRequest


def request_of(ctx: click.Context, given: dict[str, Any]) -> TrainRequest:
    """Return what the options ``given``, by parameter, ask for, with those of their recipe.

    ``ctx`` tells where each came from.  Raises RequestError for what cannot be meant.
    """
    from derm_cli.plan import Execution
    from derm_cli.workflows.training.component_options import read_component, with_component_options
    from derm_cli.workflows.training.request import TrainRequest

    here, options = session(ctx), options_with_recipe(ctx, given)
    registry = here.registry
    changes, without = options.pop("augment"), options.pop("no_augment")
    if changes and without:
        raise RequestError(f"--no-augment and --augment '{changes[0]}' exclude each other: give one.")
    chain = tuple(here.dataset_named(part.strip()) for part in options["chain"].split(",")) if options["chain"] else ()
    del options["chain"]
    options["target"] = here.dataset_named(options["target"]) if options["target"] else None
    folds, fold = folds_asked_for(options.pop("folds"), options.pop("fold"))
    execution = Execution(**{name: options.pop(name) for name in ENGINE_OPTIONS})
    text, views = options.pop("augmentation"), options.pop("views")
    augmentation = read_component(registry, AugmentationSpec, text, f"--augmentation '{text}'")
    augmentation = with_component_options(registry, AugmentationSpec, augmentation, changes, "--augment")
    return TrainRequest.from_options(
        **options,
        chain=chain,
        folds=folds,
        fold=fold,
        augmentation=None if without else augmentation,
        views=read_component(registry, ViewSpec, views, f"--views '{views}'"),
        execution=execution,
    )
