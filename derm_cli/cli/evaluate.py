"""``derm evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.options import completing, json_option, run_ids
from derm_cli.errors import RequestError
from derm_cli.evaluation import SYNTHETIC

if TYPE_CHECKING:
    from derm_cli.evaluation.figures import Evaluation


@click.command("evaluate")
@click.argument("run", required=False, shell_complete=completing(run_ids))
@click.option(
    "--predictions",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Evaluate anybody's table: case_id,label,prediction and optionally p_<class> columns.",
)
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE.png", help="Draw the confusion matrix.")
@json_option
@click.pass_context
def command(ctx: click.Context, run: str | None, predictions: Path | None, picture: Path | None, as_json: bool) -> None:
    """Print how well each class is recognised.

    RUN is an id, the beginning of one, or a folder; by default the chosen run, else the latest finished one.
    """
    if run and predictions:
        raise RequestError(f"Run '{run}' and --predictions '{predictions}' exclude each other: give one.")
    from derm_cli.workflows.evaluate import evaluate_run, evaluate_table, is_made, title_of

    if predictions:
        evaluation, made, title = evaluate_table(predictions), False, f"Predictions in {predictions.name}"
    else:
        shelf = session(ctx).shelf
        found = shelf.find(run) if run else shelf.default()
        evaluation, made = evaluate_run(found), is_made(found)
        title = title_of(found)
    if picture:
        from derm_cli.evaluation.confusion import draw_confusion

        draw_confusion(evaluation, picture, title, made=made)
    if as_json:
        click.echo(console.as_json(evaluation.to_json() | {"synthetic": made}))
    else:
        show(evaluation, title, made)


def show(evaluation: Evaluation, title: str, made: bool) -> None:
    """Print an evaluation as tables."""
    from derm_cli.evaluation.tables import overall_table, per_class_table

    click.echo(title)
    if made:
        click.echo(SYNTHETIC)
    click.echo("\n" + per_class_table(evaluation) + "\n\n" + overall_table(evaluation))
    for note in evaluation.notes:
        click.echo(note)
