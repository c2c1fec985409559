"""``make bench-recipes``; ``python -m benchmarks.recipes`` has the options."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from benchmarks import machine
from benchmarks.recipes.comparing import compare_on
from benchmarks.recipes.methods import DATASETS, Form, Method, chosen, methods_of
from benchmarks.recipes.running import Workplace
from derm_cli.config import load
from derm_cli.console import table
from derm_cli.errors import DermError
from derm_cli.evaluation.intervals.resampling import DRAWS
from derm_cli.plugin import DatasetSpec, RecipeSpec
from derm_cli.plugin.registry import Registry

SHORT = Form(folds=2, seeds=1, epochs=1, size=64)
"""The form that runs in minutes; it tells that all works, and nothing of what is better."""
SHORT_DATASETS = DATASETS[:1]


def _names(_ctx: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in value.split(",") if each.strip()) if value else ()


@click.command("benchmarks.recipes")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    envvar="DERM_TEST_DATA",
    required=True,
    help="Folder with pad-ufes-20 and ham10000.  [required, or DERM_TEST_DATA]",
)
@click.option(
    "--to",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    help="Folder of the results; what is there already is not done again.  [default: in derm's cache]",
)
@click.option("--datasets", callback=_names, help=f"Datasets, comma by comma.  [default: {','.join(DATASETS)}]")
@click.option("--only", callback=_names, help="Methods, comma by comma, as in 'plain,strong*'.  [default: all]")
@click.option(
    "--ablation",
    metavar="RECIPE",
    is_flag=False,
    flag_value="strong",
    help="Leave out each part of RECIPE, strong if none is named.",
)
@click.option("--folds", type=click.IntRange(2), help="Folds of each dataset.  [default: 5]")
@click.option("--fold", "some", type=click.IntRange(1), multiple=True, help="Do this fold alone; repeatable.")
@click.option("--seeds", type=click.IntRange(1), help="Seeds, from 0, each with folds of its own.  [default: 3]")
@click.option("--epochs", type=click.IntRange(1), help="Epochs of each phase.  [default: each method's own]")
@click.option("--size", type=click.IntRange(32), help="Side of the photographs.  [default: each recipe's, else 160]")
@click.option("--backbone", default=Form.backbone, show_default=True, help="Network to train.")
@click.option("--draws", type=click.IntRange(1), default=DRAWS, show_default=True, help="Draws of the bootstrap.")
@click.option("--short", is_flag=True, help="2 folds of pad-ufes-20, 1 seed, 1 epoch a phase, 64x64: some minutes.")
@click.option("--list", "listed", is_flag=True, help="List the methods and do nothing.")
def main(
    data: Path,
    *,
    to: Path | None,
    datasets: tuple[str, ...],
    only: tuple[str, ...],
    ablation: str | None,
    some: tuple[int, ...],
    draws: int,
    short: bool,
    listed: bool,
    **given: Any,
) -> None:
    """Compare recipes with a plain script and with baselines, in cross-validation, and print Markdown.

    The whole takes hours to days on two cores.  What is finished is kept: the same command goes on where it stopped.
    """
    standard = SHORT if short else Form()
    form = replace(standard, **{name: value for name, value in given.items() if value is not None})
    datasets = datasets or (SHORT_DATASETS if short else DATASETS)
    for name in datasets:
        if name not in DATASETS:
            raise click.BadParameter(f"--datasets has '{name}', but is of {', '.join(DATASETS)}.")
    for number in some:
        if number > form.folds:
            raise click.BadParameter(f"--fold is '{number}', but there are {form.folds} folds: take one of them.")
    registry, options = Registry(), train_options()
    try:
        methods = {
            name: chosen(methods_of(registry.all(RecipeSpec), name, form, options, ablation), only) for name in datasets
        }
        if listed:
            _list(next(iter(methods.values())))
            return
        folder = to or load({}).cache_folder / "bench-recipes"
        facts, started = machine.facts(), time.monotonic()
        failed = False
        for name in datasets:
            workplace = Workplace(data, folder, options)
            spec = registry.get(DatasetSpec, name)
            results = compare_on(
                name, spec.classes, methods[name], form, workplace, folds=some, draws=draws, tell=_progress
            )
            failed = failed or bool(results.unfinished)
            click.echo(f"{results.markdown()}\n")
    except DermError as error:
        raise click.ClickException(str(error)) from None
    click.echo("Machine: " + "; ".join(f"{name} {value}" for name, value in facts.items()) + ".")
    _progress(f"Taken in {time.monotonic() - started:.0f} s; results in {folder}")
    if failed:
        sys.exit(1)


def train_options() -> frozenset[str]:
    """Return the names of the options of ``derm train``, as its parameters have them."""
    from derm_cli.cli.train import command

    return frozenset(each.name for each in command.params if each.name)


def _list(methods: list[Method]) -> None:
    click.echo(table(["method", "what"], [[each.name, each.title] for each in methods]))


def _progress(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.recipes")
