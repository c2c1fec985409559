"""``derm predict``."""

from __future__ import annotations

from pathlib import Path

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.options import completing, json_option, run_ids
from derm_cli.evaluation import SYNTHETIC


@click.command("predict")
@click.argument("model", metavar="RUN_OR_ARTEFACT", shell_complete=completing(run_ids))
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--mask",
    "masks",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The lesion's mask in each photograph, in their order; for a model that crops to the lesion.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context, model: str, images: tuple[Path, ...], masks: tuple[Path, ...], *, as_json: bool
) -> None:
    """Ask a run's model, or an artefact, about photographs.

    The answer is the same from .keras, .tflite and .onnx.  A photograph that cannot be read is named, the others are
    answered, and the exit status is 1.
    """
    from derm_cli.workflows.predict import predict

    facts, answers = predict(session(ctx), model, images, masks)
    if as_json:
        answered = [answer.to_json() for answer in answers]
        click.echo(console.as_json({"run": facts.run, "synthetic": facts.made, "answers": answered}))
    else:
        if facts.made:
            click.echo(SYNTHETIC)
        rows: list[list[object]] = [
            [answer.file, answer.prediction, *(f"{p:.4f}" for p in answer.probabilities.values())]
            for answer in answers
            if answer.probabilities
        ]
        if rows:
            click.echo(console.table(["photograph", "prediction", *(each.name for each in facts.classes)], rows))
    unread = [answer for answer in answers if answer.probabilities is None]
    for answer in unread:
        click.echo(
            f"Error: '{answer.file}' is not answered ({answer.reason}): give a JPEG or PNG that opens.", err=True
        )
    if unread:
        ctx.exit(1)
