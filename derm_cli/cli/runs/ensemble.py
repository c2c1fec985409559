"""``derm runs ensemble``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.endings import print_ending
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.printing import echo, echo_json, print_run_summary
from derm_cli.errors import one_line


@click.command("ensemble")
@click.argument("runs", metavar="RUN RUN...", nargs=-1, required=True, shell_complete=completing(run_ids))
@json_option
@click.pass_context
def command(ctx: click.Context, runs: tuple[str, ...], as_json: bool) -> None:
    """Make one run of several: its model is one network, the mean of their probabilities.

    It is predicted with, evaluated and exported as any run.  Members have the same target, classes and preprocessing.
    It is tested on the test photographs that all of them have and none has seen; of all folds of a cross-validation
    there are none.
    """
    from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation
    from derm_cli.workflows.runs.ensemble import ensemble

    here = session(ctx)
    run = ensemble(here, [here.runs.find(name) for name in runs])
    members = [member.run for member in run.record.members]
    if as_json:
        values = {"run": run.id, "path": str(run.path), "members": members, "evaluation": stored_evaluation(run)}
        echo_json(values)
        return
    print_run_summary(run)
    echo(f"\nRun {run.id} in {one_line(str(run.path))}, the mean of {len(members)} models")
    print_ending(run, f"export {run.argument} --tflite", opens=False)
