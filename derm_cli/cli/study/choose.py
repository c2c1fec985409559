"""``derm study choose``."""

from __future__ import annotations

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json, percent_cell
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.errors import one_line
from derm_cli.invocation import command_line


@click.command("choose")
@study_name_argument
@click.option("--by", default="macro_f1", show_default=True, metavar="METRIC", help="What a row has the most of.")
@click.option(
    "--at-least",
    multiple=True,
    metavar="METRIC[:CLASS]=SHARE",
    help="What a row must have in the mean of its seeds, as in sensitivity:MEL=0.8, and the seed that is taken too, "
    "unless one is trained anew; repeatable.",
)
@click.option(
    "--within-mb",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MB",
    help="The most that the run may have, by a row's smallest export, else its model; of an ensemble, that of each.",
)
@click.option(
    "--refit",
    is_flag=True,
    help="Train the chosen row anew, on all photographs, in place of an ensemble of folds or a run that is there.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str,
    by: str,
    at_least: tuple[str, ...],
    *,
    within_mb: float | None,
    refit: bool,
    as_json: bool,
) -> None:
    """Make the best row's run the one that other commands take by default.

    Rows are judged on their folds, or on validation parts: never on the test part, whose figures would no longer be
    those of photographs that nothing was chosen by.  Of folds an ensemble is made, which is as large as all its models
    together; --refit trains one model on everything, and the folds tell how good it is.
    """
    from derm_cli.studies.judging.choosing import choose_run, left_out
    from derm_cli.studies.judging.rule import Floor, Rule
    from derm_cli.studies.storage.folder import Studies

    here = session(ctx)
    rule = Rule(by, tuple(map(Floor.read, at_least)), within_mb, refit)
    choice = choose_run(here, Studies(here.runs.root).find(name), rule)
    if as_json:
        echo_json(choice.to_json())
        return
    corrected = choice.correction.corrected if choice.correction else None
    rows = [
        [
            "*" if row.name == choice.chosen else "",
            row.name,
            percent_cell(row.value),
            percent_cell(corrected if row.name == choice.chosen else None),
            *map(percent_cell, row.floors),
            "" if row.megabytes is None else f"{row.megabytes:.1f}",
        ]
        for row in choice.rows
    ]
    headers = ["", "row", f"{by} %", "corrected %", *map(str, rule.floors), "MB"]
    echo(one_line(f"Judged on {choice.judged_on}"))
    echo("\n" + console.table(headers, rows))
    for reason in left_out(choice.rows):
        echo(f"Left out: {reason}.")
    of_seed = "" if choice.seed is None else f", seed {choice.seed},"
    echo(f"\nRun {choice.run.id} of '{one_line(choice.chosen)}'{of_seed} is chosen.")
    if choice.correction:
        echo(choice.correction.sentence)
    if choice.bounds:
        echo(f"{choice.bounds}.")
    echo(f"Next: {command_line(f'export {choice.run.argument} --tflite')}")
