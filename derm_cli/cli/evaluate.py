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

SHORT_TABLES = ("classes", "overall")
"""The tables that are printed at the end of a training."""
DEFAULT_TABLES = (
    *(*SHORT_TABLES, "severities", "triage", "thresholds1", "thresholds2", "referral"),
    *("calibration", "temperature", "slices", "mapping"),
)
file = click.Path(path_type=Path, dir_okay=False)


def draws_option(command: Any) -> Any:
    """Add --draws, the number of bootstrap draws, to a command."""
    return click.option(
        "--draws",
        type=click.IntRange(min=0),
        default=2000,
        show_default=True,
        help="Bootstrap draws; 0 leaves the confidence intervals out.",
    )(command)


def table_file_options(command: Any) -> Any:
    """Add --csv and --latex, the files that tables are written to, to a command."""
    for decorate in (
        click.option("--latex", type=file, metavar="FILE.tex", help="Write the tables as LaTeX, for a paper."),
        click.option(
            "--csv", "csv_file", type=file, metavar="FILE.csv", help="Write every metric with its interval as a row."
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
    help="Evaluate a predictions table of any program: case_id,label,prediction and optionally p_<class> columns.",
)
@click.option(
    "--validation",
    type=file,
    metavar="FILE.csv",
    help="With --predictions: a table of validation predictions, by which thresholds are chosen.",
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
    help="External evaluation: predict all photographs of this dataset, labels mapped by diagnosis; may be repeated.",
)
@click.option(
    "--refer-at",
    nargs=2,
    type=click.FloatRange(0, 1, min_open=True),
    metavar="NOW SOON",
    default=REFER_AT,
    show_default=True,
    help="The sensitivities for which the triage thresholds are chosen: refer now, refer soon.",
)
@draws_option
@click.option(
    "--all", "everything", is_flag=True, help="Print every table: prediction sets and selective prediction too."
)
@click.option("--paper", is_flag=True, help="Print the paper's tables instead: percent with two decimals.")
@click.option("--picture", type=file, metavar="FILE.png", help="Draw the confusion matrix.")
@click.option("--report", type=file, metavar="FILE.html", help="Write the report, one page with all metrics and plots.")
@click.option("--photographs", is_flag=True, help="Show example photographs with class maps in the report.")
@table_file_options
@click.option("--table", type=file, metavar="FILE.csv", help="Write the predictions table that was evaluated.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Print the metrics of each class with 95 % confidence intervals, calibration and triage thresholds.

    RUN is an id, the beginning of one, a folder, or an artefact: a .tflite, .onnx or .keras of a run, which predicts
    the run's test photographs again; by default the chosen run, else the latest finished one.
    """
    from derm_cli.workflows.evaluating.evaluate import EvaluationRequest, evaluate

    _check(given)
    request = EvaluationRequest(**{name: given[name] for name in EvaluationRequest.__dataclass_fields__})
    result = evaluate(session(ctx), request)
    if given["picture"]:
        from derm_cli.evaluation.reporting.plots.confusion_png import draw_confusion

        draw_confusion(result.judgement.evaluation, given["picture"], result.title, synthetic=result.synthetic)
    if given["report"]:
        result.write_report(given["report"])
    if given["table"]:
        from derm_cli.evaluation.predictions import write_predictions

        write_predictions(result.predictions, given["table"])
    tables = result.tables(paper=given["paper"])
    write_tables(tables, given["csv_file"], given["latex"])
    if given["as_json"]:
        click.echo(console.as_json(result.to_json()))
        return
    every = given["everything"] or given["paper"]
    selected = tables if every else [each for each in tables if each.name in DEFAULT_TABLES]
    show_tables(selected, result.title, result.notes, result.synthetic)


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


def write_tables(tables: Collection[Table], csv_file: Path | None, latex: Path | None) -> None:
    """Write tables as CSV for a program and as LaTeX for a paper, where that is asked for."""
    from derm_cli.evaluation.reporting.formats import as_csv, as_latex
    from derm_cli.files import write_text

    if csv_file:
        write_text(csv_file, as_csv(tables))
    if latex:
        write_text(latex, "\n\n".join(map(as_latex, tables)) + "\n")


def show_tables(tables: Iterable[Table], title: str, notes: Iterable[str], synthetic: bool) -> None:
    """Print tables as wide as the terminal."""
    from derm_cli.evaluation.reporting.formats import as_text

    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(title)
    if synthetic:
        click.echo(SYNTHETIC)
    for table in tables:
        heading = "" if table.name in SHORT_TABLES else textwrap.fill(table.title, width) + "\n"
        click.echo(f"\n{heading}{as_text(table, width)}")
    for note in notes:
        click.echo(note)


def show_short(judgement: Judgement, title: str, synthetic: bool) -> None:
    """Print what ends a training: the metrics of each class, and of all together."""
    from derm_cli.evaluation.reporting.tables.judgement import judgement_tables

    tables = [each for each in judgement_tables(judgement) if each.name in SHORT_TABLES]
    show_tables(tables, title, judgement.notes, synthetic)
