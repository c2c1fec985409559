"""``derm runs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.evaluate import draws_option, sheet_files, write_sheets
from derm_cli.cli.evaluate import show as show_sheets
from derm_cli.cli.shared.options import ListingGroup, completing, json_option, print_table, run_ids
from derm_cli.errors import RequestError

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder

run_argument = click.argument("run", shell_complete=completing(run_ids))


@click.group("runs", cls=ListingGroup)
def command() -> None:
    """List, show, compare, choose and remove runs."""


@command.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the runs, the oldest first; * marks the chosen one."""
    from derm_cli.workflows.runs.list import list_runs

    here = session(ctx)
    lines = list_runs(here)
    rows = [
        [
            "*" if line["chosen"] else "",
            line["id"],
            line["status"],
            line.get("backbone"),
            line.get("chain"),
            line.get("strategy"),
            "synthetic" if line.get("synthetic") else "",
            f"{line['stages_from_store']} of {line['stages']}" if line.get("stages_from_store") else "",
            _percent(line.get("balanced_accuracy")),
            _percent(line.get("macro_f1")),
        ]
        for line in lines
    ]
    headers = ["", "run", "status", "backbone", "chain", "strategy", "", "from store", "balanced acc. %", "macro F1 %"]
    print_table(
        as_json, headers, rows, lines, f"There are no runs in '{here.settings.runs.value}': 'derm train' makes one."
    )


@command.command("show")
@run_argument
@json_option
@click.pass_context
def show(ctx: click.Context, run: str, as_json: bool) -> None:
    """Show all that is known of a run."""
    from derm_cli.workflows.runs.list import show_run

    found = session(ctx).runs.find(run)
    shown = show_run(found)
    if as_json:
        click.echo(console.as_json(shown))
        return
    rows = [
        [key, _short(shown.get(key))]
        for key in ("id", "path", "status", "reason", "started", "ended", "seconds_training")
    ]
    rows += [[key, _short(value)] for key, value in shown["request"].items()]
    rows += [[f"split of {name}", _short(each)] for name, each in shown.get("splits", {}).items()]
    rows += [[key, _short(shown.get(key))] for key in ("environment", "elsewhere", "synthetic", "seconds", "precision")]
    rows += [[f"artefact {name}", each["path"]] for name, each in shown.get("artefacts", {}).items()]
    click.echo(console.table(["what", "value"], [row for row in rows if row[1] not in (None, "")]))
    if "stages" in shown:
        click.echo()
        click.echo(console.table(["stage", "came from"], [[each["name"], _source(each)] for each in shown["stages"]]))
    if found.finished:
        from derm_cli.cli.evaluate import show_short
        from derm_cli.workflows.evaluating.run_evaluation import is_made, judge_run

        click.echo()
        show_short(judge_run(found), f"Test photographs of {found.plan.target}", is_made(found))


@command.command("compare")
@click.argument("runs", metavar="A B...", nargs=-1, required=True, shell_complete=completing(run_ids))
@click.option("--exact", is_flag=True, help="Tell instead where two runs differ first, to the last bit.")
@draws_option
@sheet_files
@json_option
@click.pass_context
def compare(
    ctx: click.Context,
    /,
    runs: tuple[str, ...],
    csv_file: Path | None,
    latex: Path | None,
    *,
    exact: bool,
    draws: int,
    as_json: bool,
) -> None:
    """Judge runs, or predictions tables (FILE.csv), against the first of them, on the same test photographs.

    Differences have the 95 % interval of the paired bootstrap, and McNemar's test; runs with other test photographs are
    refused.

    With --exact, request, data, split, environment, plan, each epoch of the history, weights, predictions and
    evaluation of two runs are compared to the last bit, but for what an epoch took of time and memory, as far as both
    have come.  The exit status is 0 where nothing differs, and 1 where something does.
    """
    if len(runs) < 2 or (exact and len(runs) > 2):
        raise RequestError(f"'{len(runs)}' runs are named: --exact takes two, without it two or more are compared.")
    here = session(ctx)
    if exact:
        first, second = map(here.runs.find, runs)
        _compare_exactly(ctx, first, second, as_json)
        return
    from derm_cli.workflows.comparing.models import contrast

    contrasted = contrast(here, runs, draws)
    write_sheets(contrasted.sheets(), csv_file, latex)
    if as_json:
        click.echo(console.as_json(contrasted.to_json()))
    else:
        show_sheets(contrasted.sheets(), contrasted.title, contrasted.notes, contrasted.made)


def _compare_exactly(ctx: click.Context, first: RunFolder, second: RunFolder, as_json: bool) -> None:
    from derm_cli.workflows.comparing import exact

    comparison = exact.compare(first, second)
    if as_json:
        click.echo(console.as_json(comparison.to_json()))
    else:
        rows = [[each.part, each.outcome, each.detail] for each in comparison.parts]
        click.echo(console.table(["part", "", "detail"], rows))
        click.echo(f"\n{comparison.sentence}")
    ctx.exit(1 if comparison.difference else 0)


@command.command("choose")
@run_argument
@click.pass_context
def choose(ctx: click.Context, run: str) -> None:
    """Make a run the one that other commands take by default."""
    runs = session(ctx).runs
    found = runs.find(run)
    runs.choose(found)
    click.echo(f"Run {found.id} is chosen: 'derm evaluate', 'derm export' take it by default.")


@command.command("remove")
@run_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def remove(ctx: click.Context, run: str, yes: bool) -> None:
    """Delete a run's folder, with its model."""
    runs = session(ctx).runs
    found = runs.find(run)
    if not yes:
        click.confirm(f"Delete '{found.path}' with all that is in it?", abort=True)
    runs.remove(found)
    click.echo(f"Run {found.id} is removed.")


def _source(stage: dict[str, Any]) -> str:
    return "trained" if stage["source"] == "trained" else f"the stage store: run {stage['run']} trained it"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(each)}" for key, each in value.items())
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value
