"""``derm predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.output_files import WritingCommand, force_option, input_file, output_folder, writing_files
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.errors import RequestError, one_line
from derm_cli.evaluation import SYNTHETIC


@click.command("predict", cls=WritingCommand)
@click.argument(
    "named", metavar="[RUN_OR_ARTEFACT] IMAGE...", nargs=-1, required=True, shell_complete=completing(run_ids)
)
@click.option(
    "--mask",
    "masks",
    multiple=True,
    metavar="FILE",
    type=input_file,
    help="The lesion's mask in each photograph, in their order; for a model that crops to the lesion.",
)
@click.option(
    "--map",
    "to",
    metavar="FILE.png|DIR",
    type=output_folder,
    help="Draw what the network looked at over the photograph, or over each of several, in a folder.",
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="NAME=VALUE",
    help="What is known beside the photographs, as in age=71 or bleed=yes; for a model that takes answers; repeatable.",
)
@click.option(
    "--answers",
    "answers_file",
    metavar="FILE.csv",
    type=input_file,
    help="A table of answers: a row a photograph, by its column file or case_id.",
)
@click.option("--map-class", metavar="CLASS", help="With --map: the class that is looked for, not the predicted one.")
@force_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    named: tuple[str, ...],
    masks: tuple[Path, ...],
    *,
    to: Path | None,
    map_class: str | None,
    answers: tuple[str, ...],
    answers_file: Path | None,
    force: bool,  # noqa: ARG001  (writing_files reads it)
    as_json: bool,
) -> None:
    """Ask a run's model, or an artefact, about photographs.

    RUN_OR_ARTEFACT is an id, the beginning of one, a folder, or a .tflite, .onnx or .keras; by default the chosen run,
    else the latest finished one.  The answer is the same from .keras, .tflite and .onnx.  A photograph that cannot be
    read is named, the others are answered, and the exit status is 1.
    """
    from derm_cli.workflows.predicting.class_maps import map_files
    from derm_cli.workflows.predicting.predict import model_and_images, predict

    if map_class and not to:
        raise RequestError(f"--map-class '{map_class}' goes with --map alone.")
    here = session(ctx)
    model, images = model_and_images(here, named)
    files = map_files(to, images, masks) if to else []
    given: dict[str, Any] = {"answers": answers, "answers_file": answers_file}
    with writing_files(ctx, [("--map", file) for file in files]):
        facts, predictions = predict(here, model, images, masks, to=to, map_class=map_class, **given)
    if as_json:
        answered = [answer.to_json() for answer in predictions]
        echo_json({"run": facts.run, "synthetic": facts.made, "answers": answered})
    else:
        if model != named[0]:
            echo(f"Run {facts.run}")
        if facts.made:
            echo(SYNTHETIC)
        rows: list[list[object]] = [
            [
                answer.file,
                answer.prediction,
                *(f"{p:.4f}" for p in answer.probabilities.values()),
                *([answer.map] if to else []),
            ]
            for answer in predictions
            if answer.probabilities
        ]
        if rows:
            more = ["map"] if to else []
            header = ["photograph", "prediction", *(each.name for each in facts.classes), *more]
            echo(console.table(header, rows))
        if rows and facts.answers and not any(answer.answers for answer in predictions):
            names = ", ".join(facts.answers.names)
            echo(f"By the photograph alone: the model takes answers too, as in --answer NAME=VALUE ({names}).")
    unread = [answer for answer in predictions if answer.probabilities is None]
    for answer in unread:
        echo(
            f"Error: '{one_line(answer.file)}' is not answered ({answer.reason}): give a JPEG or PNG that opens.",
            err=True,
        )
    if unread:
        ctx.exit(1)
