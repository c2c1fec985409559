"""``derm study plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.cli.study.asked_for import (
    ExecutorCommand,
    capacity_asked_for,
    executor_flags,
    study_asked_for,
    study_options,
)
from derm_cli.errors import one_line
from derm_cli.evaluation import SYNTHETIC

if TYPE_CHECKING:
    from derm_cli.studies.planning.study_plan import StudyPlan


@click.command("plan", cls=ExecutorCommand)
@study_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    executor: str,
    workers: int | None,
    cores: int | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Print what a study will train, what its rows share, and what that takes; nothing is trained.

    STUDY is a TOML file, or a built-in study: paper-table-3, paper-table-4 or recipes.  Time and disk are estimated
    from runs of the runs folder that were measured.
    """
    from derm_cli.studies.studying import plan

    flags = executor_flags(asked)
    capacity = capacity_asked_for(ctx, executor, workers, cores, flags)
    spec, options = study_asked_for(ctx, **asked)
    planned = plan(session(ctx), spec, options, executor, capacity)
    if as_json:
        echo_json(planned.to_json())
    else:
        _print(planned, workers)


def _print(planned: StudyPlan, workers: int | None) -> None:
    spec = planned.spec
    echo(one_line(f"Study {spec.name}" + (f": {spec.title}" if spec.title else "")))
    if planned.is_synthetic:
        echo(SYNTHETIC)
    over = [f"{len(spec.seeds)} seeds" if len(spec.seeds) > 1 else f"seed {spec.seeds[0]}"]
    over += [f"{spec.folds} folds"] if spec.folds else []
    echo(f"{len(spec.rows)} rows, each over {', '.join(over)}: {len(planned.runs)} trainings")
    of_row = {row.name: [run.key for run in planned.runs if run.row == row.name] for row in planned.rows}
    rows = [
        [
            row.name,
            " > ".join(row.stages) or row.fault,
            len(of_row[row.name]),
            sum(planned.outlines[key][-1] in planned.stored for key in of_row[row.name]) if row.stages else 0,
            sum(unit.run in of_row[row.name] and not unit.is_beginning for unit in planned.units),
        ]
        for row in planned.rows
    ]
    echo("\n" + console.table(["row", "stages", "trainings", "last stage in the store", "to do"], rows))
    echo(
        f"\n{planned.stages_in_all} stages in all: {planned.stages_to_train} are trained, each once, "
        f"{planned.stages_stored} are in the store, {planned.stages_shared} are shared. Those compared with: "
        f"{one_line(spec.reference)}"
    )
    echo(_estimate(planned, workers))


def _estimate(planned: StudyPlan, workers: int | None) -> str:
    if not planned.units:
        return "Nothing is left to train."
    seconds, size = planned.seconds_in_all, planned.bytes
    if seconds is None:
        return (
            "How long it takes is not known: no finished run of the runs folder has each of these backbones. Train one "
            "row first, and plan again."
        )
    at_once = f", {seconds / workers / 60:.0f} by {workers} at once at best" if workers and workers > 1 else ""
    disk = "" if size is None else f", and {size / 1e9:.1f} GB of disk"
    return f"About {seconds / 60:.0f} minutes one after another{at_once}{disk}, by {planned.measured} measured runs."
