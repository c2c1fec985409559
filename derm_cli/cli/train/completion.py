"""How the shell completes ``--phase`` and ``--augment``: the names of options, and what each can be."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from derm_cli.cli import session
from derm_cli.plugin import AugmentationSpec, RecipeSpec


def complete_phase_option(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the options that ``[PHASE:]NAME=`` can name, and after a component's name its choices."""
    from derm_cli.workflows.training.phase_options import COMPONENTS, NAMES

    name, equals, value = begun.partition("=")
    pattern, colon, name = name.rpartition(":")
    if not equals:
        return [CompletionItem(f"{pattern}{colon}{each}=") for each in NAMES if each.startswith(name)]
    if name not in COMPONENTS:
        return []
    known = sorted(session(ctx).registry.all(COMPONENTS[name]))
    return [CompletionItem(f"{pattern}{colon}{name}={each}") for each in known if each.startswith(value)]


def complete_augmentation_option(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the options of the augmentation that is asked for, or is the recipe's."""
    registry = session(ctx).registry
    source = ctx.get_parameter_source("augmentation")
    recipe = registry.all(RecipeSpec).get(str(ctx.params.get("recipe")))
    is_given = source is not None and source is not click.core.ParameterSource.DEFAULT
    asked = ctx.params["augmentation"] if is_given or recipe is None else recipe.values.get("augmentation", "paper")
    spec = registry.all(AugmentationSpec).get(str(asked).partition(":")[0])
    options = [f"{each.name}=" for each in spec.options] if spec else []
    return [CompletionItem(each) for each in options if each.startswith(begun)]
