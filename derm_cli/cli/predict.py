"""``derm predict``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.answers_out import (
    WIDTH_OF_LISTS,
    csv_file,
    fhir_file,
    json_document,
    json_lines,
    printed_table,
    tell_unread,
)
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.output_files import (
    WritingCommand,
    force_option,
    input_file,
    output_file,
    output_folder,
    writing_files,
)
from derm_cli.cli.shared.printing import echo, echo_sentence
from derm_cli.errors import RequestError
from derm_cli.evaluation import SYNTHETIC

if TYPE_CHECKING:
    from derm_cli.plugin import ArtefactFacts
    from derm_cli.workflows.predicting.predict import ImagePrediction


@click.command("predict", cls=WritingCommand)
@click.argument("named", metavar="[MODEL] IMAGE...", nargs=-1, required=True, shell_complete=completing(run_ids))
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
@click.option(
    "--features",
    metavar="FILE",
    type=input_file,
    help="For a model that reads vectors: those of these photographs, by the names of their files.",
)
@click.option("--map-class", metavar="CLASS", help="With --map: the class that is looked for, not the predicted one.")
@click.option(
    "--csv", type=output_file, metavar="FILE.csv", help="Write the answers to a table too, which grows as they come."
)
@click.option(
    "--fhir",
    type=output_file,
    metavar="FILE",
    help="Write each answer as a preliminary Observation of FHIR: a Bundle, or the lines of a .ndjson.",
)
@click.option("--subject", metavar="REFERENCE", help="With --fhir: whose lesions these are, as in Patient/123.")
@force_option
@json_option
@click.option("--jsonl", "as_lines", is_flag=True, help="Print JSON, a line a photograph.")
@click.pass_context
def command(ctx: click.Context, /, *, named: tuple[str, ...], as_json: bool, as_lines: bool, **given: Any) -> None:
    """Ask a run's model, or an artefact, about photographs.

    MODEL is a run's id, the beginning of one, or its folder; a .tflite, .onnx or .keras; or a bundle, folder or zip; by
    default the chosen run, else the latest finished one.  The answer is the same from all of them.  IMAGE is a file, a
    folder, a quoted pattern such as 'in/**/*.jpg', @FILE with a path a line, or - for that on standard input.  Each
    answer is printed, and written, as it comes.  A photograph that cannot be read is named, the others are answered,
    and the exit status is 1.
    """
    if as_json and as_lines:
        raise RequestError("--json and --jsonl exclude each other: give one of them.")
    unread, told = 0, [0, 0]
    with ExitStack() as open_outputs:
        asked = open_outputs.enter_context(answering(ctx, named, **given))
        facts = asked.facts
        if as_json or as_lines:
            sink = open_outputs.enter_context((json_document if as_json else json_lines)(facts))
        else:
            if asked.model != named[0]:
                echo(f"Run {facts.run}")
            if facts.made:
                echo_sentence(SYNTHETIC)
            sink = open_outputs.enter_context(printed_table(facts, asked.width, ["map"] if given["to"] else []))
        for answer in asked.answers:
            with console.above_bars():
                sink(answer)
                tell_unread(answer)
            told = [told[0] + (answer.probabilities is not None), told[1] + bool(answer.answers)]
            unread += answer.probabilities is None
    if told[0] and not told[1] and facts.answers and not (as_json or as_lines):
        names = ", ".join(facts.answers.names)
        echo(f"By the photograph alone: the model takes answers too, as in --answer NAME=VALUE ({names}).")
    if unread:
        ctx.exit(1)


@dataclass(frozen=True)
class Answering:
    """The answers that come, one after the other, of a model: its facts, how it was named, and how wide a list is."""

    facts: ArtefactFacts
    model: str
    width: int
    answers: Iterator[ImagePrediction]


@contextmanager
def answering(
    ctx: click.Context,
    named: tuple[str, ...],
    *,
    masks: tuple[Path, ...],
    to: Path | None,
    map_class: str | None,
    answers: tuple[str, ...],
    answers_file: Path | None,
    features: Path | None,
    csv: Path | None,
    fhir: Path | None,
    subject: str | None,
    force: bool,  # noqa: ARG001  (writing_files reads it)
) -> Iterator[Answering]:
    """Ask what the options say, in a ``with`` block; each answer is in the files that they name when it comes.

    Raises RequestError for what cannot be meant, and as :func:`derm_cli.workflows.predicting.predict.predict_each`.
    """
    from derm_cli.workflows.predicting.class_maps import map_files
    from derm_cli.workflows.predicting.model_argument import model_and_images
    from derm_cli.workflows.predicting.predict import predict_each
    from derm_cli.workflows.predicting.telling import AnswersToTell

    if map_class and not to:
        raise RequestError(f"--map-class '{map_class}' goes with --map alone.")
    if subject and not fhir:
        raise RequestError(f"--subject '{subject}' goes with --fhir alone.")
    if fhir:
        from derm_cli.workflows.predicting.fhir import checked_subject

        checked_subject(subject)
    here = session(ctx)
    model, named_images = model_and_images(here, named)
    images = list(named_images) if to else named_images
    count, width = named_images.count_and_width()
    files = map_files(to, [Path(image) for image in images], masks) if to else []
    given: dict[str, Any] = {"answers": answers, "answers_file": answers_file, "features": features}
    with ExitStack() as open_outputs:
        open_outputs.enter_context(writing_files(ctx, [("--map", file) for file in files]))
        facts, predictions = predict_each(here, model, images, masks, to=to, map_class=map_class, **given)
        open_outputs.enter_context(closing(predictions))
        writers = [csv_file(facts, csv)] if csv else []
        writers += [fhir_file(facts, fhir, subject)] if fhir else []
        to_tell = AnswersToTell(here)
        sinks: list[Callable[[ImagePrediction], object]] = [*map(open_outputs.enter_context, writers), to_tell]
        advance = open_outputs.enter_context(console.progress_bar(count, "Predicting", delay=1))

        def answered() -> Iterator[ImagePrediction]:
            for answer in predictions:
                # What is shown is in the files by then.
                for each in sinks:
                    each(answer)
                yield answer
                advance(1)

        yield Answering(facts, model, WIDTH_OF_LISTS if count is None else width, answered())
    to_tell.tell(model if model == named[0] else facts.run, facts, [each for each in (csv, fhir, *files) if each])
