"""Arguments and options that several commands share, and how the shell completes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from derm_cli.cli import session
from derm_cli.cli.shared.output_files import force_option, output_file
from derm_cli.evaluation import MOST_DRAWS
from derm_cli.plugin import PreprocessingStepSpec
from derm_cli.preprocessing import LARGEST_MARGIN, NO_STEPS

if TYPE_CHECKING:
    from derm_cli.plugin.spec import Spec

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")
Names = Callable[[click.Context], list[str]]
F = TypeVar("F", bound=Callable[..., Any])


def preprocessing_options(command: F) -> F:
    """Add the options that tell, beside the size, how a photograph becomes the square that the network sees."""
    choices = {
        "--resize": (["squash", "letterbox", "crop"], "How a photograph becomes a square."),
        "--interpolation": (["nearest", "bilinear", "area"], "How pixels are resampled."),
        "--profile": (["srgb", "ignored"], "What becomes of an embedded colour profile."),
        "--crop": (["none", "lesion"], "Cut out the lesion, where a dataset has its mask."),
        "--constancy": (["none", "shades-of-grey"], "Take the light's own colour out."),
    }
    margin = click.option(
        "--crop-margin",
        type=click.FloatRange(0, LARGEST_MARGIN),
        default=0.2,
        show_default=True,
        metavar="SHARE",
        help="Of the lesion's longer side, how much is kept around it.",
    )
    command = margin(command)
    command = click.option(
        "--preprocess",
        multiple=True,
        metavar="NAME[:OPTION=VALUE,…]",
        help="A plugin's step, which changes a photograph before it is resized; repeatable, in their order.  'none' is "
        "no step.",
        shell_complete=completing(lambda ctx: [NO_STEPS, *spec_names(PreprocessingStepSpec)(ctx)]),
    )(command)
    for name, (values, what) in reversed(choices.items()):
        command = click.option(name, type=click.Choice(values), default=values[0], show_default=True, help=what)(
            command
        )
    return command


def completing(names: Names) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return a completion of ``names``, where a comma begins the next one."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, comma, begun = incomplete.rpartition(",")
        return [CompletionItem(before + comma + name) for name in names(ctx) if name.startswith(begun)]

    return complete


def spec_names(kind: type[Spec]) -> Names:
    """Return a function that lists the names of a kind of specs: backbones, strategies …"""
    return lambda ctx: sorted(session(ctx).registry.all(kind))


def dataset_names(ctx: click.Context) -> list[str]:
    """List the datasets that a chain can name."""
    from derm_cli.data.locating import known_dataset_names

    here = session(ctx)
    return known_dataset_names(here.settings, here.registry)


def run_ids(ctx: click.Context) -> list[str]:
    """List the ids of the runs, the latest first, and the word for it."""
    from derm_cli.runs.runs import LATEST

    return [run.id for run in reversed(session(ctx).runs.all())] + [LATEST]


dataset_argument = click.argument(
    "name",
    metavar="NAME|FOLDER/",
    shell_complete=completing(dataset_names),
    callback=lambda ctx, _, name: session(ctx).dataset_named(name),
)
run_argument = click.argument("run", shell_complete=completing(run_ids))


def draws_option(command: F) -> F:
    """Add the option that tells how many draws the bootstrap makes."""
    return click.option(
        "--draws",
        type=click.IntRange(0, MOST_DRAWS),
        default=2000,
        show_default=True,
        help="Bootstrap draws; 0 leaves the confidence intervals out.",
    )(command)


def table_file_options(command: F) -> F:
    """Add the options that tell where the tables of an evaluation are written."""
    for decorate in (
        force_option,
        click.option("--latex", type=output_file, metavar="FILE.tex", help="Write the tables as LaTeX, for a paper."),
        click.option(
            "--csv",
            "csv_file",
            type=output_file,
            metavar="FILE.csv",
            help="Write every metric with its interval as a row.",
        ),
    ):
        command = decorate(command)
    return command


class ListingGroup(click.Group):
    """Commands about one thing, which lists by default: ``derm runs --json`` is ``derm runs list --json``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options without a command for those of ``list``."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)
