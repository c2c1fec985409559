"""``derm runs compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, draws_option, json_option, run_ids, table_file_options
from derm_cli.cli.shared.output_files import WritingCommand
from derm_cli.cli.shared.printing import echo, echo_json, echo_table, print_tables, write_tables
from derm_cli.errors import RequestError

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder


@click.command("compare", cls=WritingCommand)
@click.argument("runs", metavar="A B...", nargs=-1, required=True, shell_complete=completing(run_ids))
@click.option("--exact", is_flag=True, help="Tell instead where two runs differ first, to the last bit.")
@draws_option
@table_file_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    runs: tuple[str, ...],
    csv_file: Path | None,
    latex: Path | None,
    *,
    exact: bool,
    draws: int,
    as_json: bool,
    force: bool,  # noqa: ARG001  (WritingCommand reads it)
) -> None:
    """Judge runs, or predictions tables (FILE.csv), against the first of them, on the same test photographs.

    Differences have 95 % intervals, which hold for all of a table together, and McNemar's test, by patient where
    patients have several photographs; runs with other test photographs are refused.

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
    from derm_cli.workflows.comparing.models import compare_models

    comparison = compare_models(here, runs, draws)
    write_tables(comparison.tables(), csv_file, latex)
    if as_json:
        echo_json(comparison.to_json())
    else:
        print_tables(comparison.tables(), comparison.title, comparison.notes, comparison.synthetic)


def _compare_exactly(ctx: click.Context, first: RunFolder, second: RunFolder, as_json: bool) -> None:
    from derm_cli.workflows.comparing.exact import compare_runs

    comparison = compare_runs(first, second)
    if as_json:
        echo_json(comparison.to_json())
    else:
        rows = [[part.name, part.outcome, part.detail] for part in comparison.parts]
        echo_table(["part", "", "detail"], rows)
        echo(f"\n{comparison.sentence}")
    ctx.exit(1 if comparison.difference else 0)
