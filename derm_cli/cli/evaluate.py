"""``derm evaluate``."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, dataset_names, json_option, run_ids
from derm_cli.errors import RequestError
from derm_cli.evaluation import REFER_AT, SYNTHETIC

if TYPE_CHECKING:
    from derm_cli.evaluation.judging import Judgement
    from derm_cli.evaluation.reporting.tables.table import Table

SHORT = ("classes", "overall")
"""The sheets that end a training."""
USUAL = (
    *(*SHORT, "severities", "triage", "thresholds1", "thresholds2", "referral"),
    *("calibration", "temperature", "slices", "mapping"),
)
file = click.Path(path_type=Path, dir_okay=False)


def draws_option(command: Any) -> Any:
    """Add the option that tells how many draws the bootstrap makes."""
    return click.option(
        "--draws",
        type=click.IntRange(min=0),
        default=2000,
        show_default=True,
        help="Draws of the bootstrap; 0 leaves the intervals out.",
    )(command)


def sheet_files(command: Any) -> Any:
    """Add the options that tell where tables are written."""
    for decorate in (
        click.option("--latex", type=file, metavar="FILE.tex", help="Write the tables for a paper."),
        click.option(
            "--csv", "csv_file", type=file, metavar="FILE.csv", help="Write every figure as a line of a table."
        ),
    ):
        command = decorate(command)
    return command


@click.command("evaluate")
@click.argument("run", required=False, shell_complete=completing(run_ids))
@click.option(
    "--predictions",
    type=file,
    metavar="FILE.csv",
    help="Evaluate anybody's table: case_id,label,prediction and optionally p_<class> columns.",
)
@click.option(
    "--validation",
    type=file,
    metavar="FILE.csv",
    help="With --predictions: the same of photographs to choose thresholds by.",
)
@click.option(
    "--classes-of",
    metavar="DATASET",
    shell_complete=completing(dataset_names),
    help="With --predictions: the dataset whose classes, with their diagnoses, the table has.",
)
@click.option(
    "--data",
    multiple=True,
    metavar="DATASET",
    shell_complete=completing(dataset_names),
    allow_from_autoenv=False,
    help="Ask the run about all photographs of this dataset, its labels mapped by diagnosis; may be given again.",
)
@click.option(
    "--refer-at",
    nargs=2,
    type=click.FloatRange(0, 1, min_open=True),
    metavar="NOW SOON",
    default=REFER_AT,
    show_default=True,
    help="The sensitivities for which it is chosen who is referred now, and who soon.",
)
@draws_option
@click.option("--all", "everything", is_flag=True, help="Print every table: prediction sets and abstaining too.")
@click.option("--paper", is_flag=True, help="Print the paper's tables instead: percent with two decimals.")
@click.option("--picture", type=file, metavar="FILE.png", help="Draw the confusion matrix.")
@click.option("--report", type=file, metavar="FILE.html", help="Write the page with all figures.")
@click.option("--photographs", is_flag=True, help="Show mistakes and other photographs, with class maps, on the page.")
@sheet_files
@click.option("--table", type=file, metavar="FILE.csv", help="Write the cases with what was said of them.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Print how well each class is recognised, with 95 % intervals, and whom a threshold would refer.

    RUN is an id, the beginning of one, a folder, or an artefact: a .tflite, .onnx or .keras of a run, which is asked
    again about the run's test photographs; by default the chosen run, else the latest finished one.
    """
    from derm_cli.workflows.evaluating.evaluate import EvaluationRequest, judged

    _check(given)
    found = judged(
        session(ctx), EvaluationRequest(**{name: given[name] for name in EvaluationRequest.__dataclass_fields__})
    )
    if given["picture"]:
        from derm_cli.evaluation.reporting.plots.confusion import draw_confusion

        draw_confusion(found.judgement.evaluation, given["picture"], found.title, made=found.made)
    if given["report"]:
        found.write_report(given["report"])
    if given["table"]:
        from derm_cli.evaluation.predictions import write_predictions

        write_predictions(found.predictions, given["table"])
    sheets = found.sheets(paper=given["paper"])
    write_sheets(sheets, given["csv_file"], given["latex"])
    if given["as_json"]:
        click.echo(console.as_json(found.to_json()))
        return
    every = given["everything"] or given["paper"]
    show(sheets if every else [each for each in sheets if each.name in USUAL], found.title, found.notes, found.made)


def _check(given: dict[str, Any]) -> None:
    predictions = given["predictions"]
    if given["run"] and predictions:
        raise RequestError(f"Run '{given['run']}' and --predictions '{predictions}' exclude each other: give one.")
    if given["data"] and predictions:
        raise RequestError(
            f"--data '{given['data'][0]}' asks a run, so --predictions '{predictions}' cannot stand by it."
        )
    for name in ("validation", "classes_of"):
        if given[name] and not predictions:
            raise RequestError(f"--{name.replace('_', '-')} '{given[name]}' goes with --predictions alone.")
    if given["photographs"] and (predictions or not given["report"]):
        raise RequestError("--photographs goes with --report, and with a run: a table has no photographs.")
    now, soon = given["refer_at"]
    if now > soon:
        raise RequestError(f"--refer-at '{now:g}' is above '{soon:g}': fewer are referred now than now or soon.")


def write_sheets(sheets: Collection[Table], csv_file: Path | None, latex: Path | None) -> None:
    """Write sheets for a program and for a paper, where that is asked for."""
    from derm_cli.evaluation.reporting.formats import as_csv, as_latex
    from derm_cli.files import write_text

    if csv_file:
        write_text(csv_file, as_csv(sheets))
    if latex:
        write_text(latex, "\n\n".join(map(as_latex, sheets)) + "\n")


def show(sheets: Iterable[Table], title: str, notes: Iterable[str], made: bool) -> None:
    """Print sheets as wide as the terminal."""
    from derm_cli.evaluation.reporting.formats import as_text

    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(title)
    if made:
        click.echo(SYNTHETIC)
    for sheet in sheets:
        heading = "" if sheet.name in SHORT else textwrap.fill(sheet.title, width) + "\n"
        click.echo(f"\n{heading}{as_text(sheet, width)}")
    for note in notes:
        click.echo(note)


def show_short(judgement: Judgement, title: str, made: bool) -> None:
    """Print what ends a training: each class, and all together."""
    from derm_cli.evaluation.reporting.tables.judgement import judgement_tables

    show([each for each in judgement_tables(judgement) if each.name in SHORT], title, judgement.notes, made)
