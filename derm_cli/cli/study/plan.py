"""``derm study plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json, echo_sentence, fitted_table
from derm_cli.cli.study.asked_for import (
    ExecutorCommand,
    capacity_asked_for,
    executor_flags,
    executor_given,
    study_asked_for,
    study_options,
)
from derm_cli.errors import RequestError, one_line
from derm_cli.evaluation import SYNTHETIC
from derm_cli.nouns import counted, listed

if TYPE_CHECKING:
    from derm_cli.studies.planning.study_plan import StudyPlan


MOST_NAMED = 5
"""Rows that are named where several have the same reason."""
NOT_TRAINED = "cannot be trained"
"""In the place of the stages of a row whose reason stands below the table."""


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
    planned = plan(session(ctx), spec, options, executor_given(ctx, executor), capacity)
    if as_json:
        echo_json(planned.to_json())
    else:
        _print(planned)
    if len(planned.faulty) == len(planned.rows):
        reasons = "what is said of it" if len(planned.rows) == 1 else "what is said of each"
        raise RequestError(f"No row of study '{spec.name}' can be trained: mend {reasons}, and plan again.")


def _print(planned: StudyPlan) -> None:
    spec = planned.spec
    echo(one_line(f"Study {spec.name}" + (f": {spec.title}" if spec.title else "")))
    if planned.is_synthetic:
        echo(SYNTHETIC)
    over = [f"{len(spec.seeds)} seeds" if len(spec.seeds) > 1 else f"seed {spec.seeds[0]}"]
    over += [f"{spec.folds} folds"] if spec.folds else []
    rows, trainings = counted(len(spec.rows), "row"), counted(len(planned.runs), "training")
    echo(f"{rows}, each over {', '.join(over)}: {trainings}")
    of_row = {row.name: [run.key for run in planned.runs if run.row == row.name] for row in planned.rows}
    lines = [
        [
            row.name,
            " > ".join(row.stages) or NOT_TRAINED,
            len(of_row[row.name]),
            sum(planned.outlines[key][-1] in planned.stored for key in of_row[row.name]) if row.stages else 0,
            sum(unit.run in of_row[row.name] and not unit.is_beginning for unit in planned.units),
        ]
        for row in planned.rows
    ]
    echo("\n" + fitted_table(["row", "stages", "trainings", "last stage in the store", "to do"], lines))
    of_fault: dict[str, list[str]] = {}
    for row in planned.faulty:
        of_fault.setdefault(row.fault, []).append(one_line(row.name))
    for fault, names in of_fault.items():
        echo("")
        echo_sentence(f"{listed(names, MOST_NAMED)}: {fault}")
    if len(planned.faulty) == len(planned.rows):
        return
    compared = f" The others are compared with: {one_line(spec.reference)}" if len(planned.rows) > 1 else ""
    echo(
        f"\n{counted(planned.stages_in_all, 'stage')} in all. To train, each once: {planned.stages_to_train}, of "
        f"which several rows or folds share {planned.stages_shared}; in the store: {planned.stages_stored}.{compared}"
    )
    echo(_estimate(planned))
    if planned.uncompared:
        finished = counted(planned.uncompared, "training")
        echo_sentence(
            f"{finished} finished before. Whether photographs or labels changed since then is not looked at here: "
            "'derm study run' does, and trains again where they did."
        )


def _estimate(planned: StudyPlan) -> str:
    if not planned.units:
        return "Beside what cannot be trained nothing is left." if planned.faulty else "Nothing is left to train."
    seconds, size = planned.seconds_in_all, planned.bytes
    if seconds is None:
        return (
            "How long it takes is not known: no finished run of the runs folder has each of these backbones. 'derm "
            "study run' tells the time left as soon as a first training has finished."
        )
    from derm_cli.data.downloading.space import size_text

    workers = planned.workers
    at_once = f", {max(1, round(seconds / workers / 60))} by {workers} at once at best" if workers > 1 else ""
    disk = "" if size is None else f", and {size_text(size)} of disk"
    by = counted(planned.measured, "measured run")
    minutes = counted(max(1, round(seconds / 60)), "minute")
    return f"About {minutes} one after another{at_once}{disk}, by {by}."
