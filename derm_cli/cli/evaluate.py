"""``derm evaluate``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.endings import open_option, open_page, print_ending, print_next
from derm_cli.cli.shared.options import (
    completing,
    dataset_names,
    draws_option,
    json_option,
    run_ids,
    table_file_options,
)
from derm_cli.cli.shared.output_files import WritingCommand, input_file, output_file
from derm_cli.cli.shared.printing import SUMMARY, echo, echo_json, print_tables, write_tables
from derm_cli.errors import RequestError, one_line
from derm_cli.evaluation import REFER_AT, SPECIFICITY

if TYPE_CHECKING:
    from derm_cli.workflows.evaluating.evaluate import EvaluationResult
    from derm_cli.workflows.session import Session

DEFAULT_TABLES = (
    *(*SUMMARY, "answers", "severities", "triage", "thresholds1", "thresholds2", "referral", "promises"),
    *("plugin_metrics", "plugin_metrics_by_class"),
    *("calibration", "temperature", "slices", "mapping"),
    *("calibration_slope", "predictive_values", "expected_cost", "patients", "lesions"),
)


@click.command("evaluate", cls=WritingCommand)
@click.argument("run", required=False, shell_complete=completing(run_ids))
@click.option(
    "--run",
    "of_run",
    metavar="RUN",
    shell_complete=completing(run_ids),
    allow_from_autoenv=False,
    help="With an artefact or a bundle from elsewhere: the run that it is of.",
)
@click.option(
    "--predictions",
    type=input_file,
    metavar="FILE.csv",
    help="Evaluate a predictions table of any program: case_id,label,prediction and optionally p_<class> columns.",
)
@click.option(
    "--validation",
    type=input_file,
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
    metavar="DATASET|FOLDER/",
    shell_complete=completing(dataset_names),
    allow_from_autoenv=False,
    callback=lambda ctx, _, names: tuple(map(session(ctx).dataset_named, names)),
    help="External evaluation: predict all photographs of this dataset, labels mapped by diagnosis; may be repeated.",
)
@click.option(
    "--features",
    type=input_file,
    metavar="FILE",
    help="With --data, for a run that reads vectors: those of the photographs, by case or name of file.",
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
@click.option(
    "--prevalence",
    multiple=True,
    metavar="CLASS=SHARE",
    help="Tell PPV and NPV where this share of the lesions is of CLASS, or 'malignant'; may be repeated.",
)
@click.option(
    "--cost",
    multiple=True,
    metavar="TRUE[:PREDICTED]=COST",
    help="Tell what mistakes cost on average: one of TRUE for PREDICTED so much, any other 1; may be repeated.",
)
@click.option(
    "--specificity",
    type=click.FloatRange(0, 1, max_open=True),
    metavar="SHARE",
    default=SPECIFICITY,
    show_default=True,
    help="The specificity at which sensitivities are told, and down to which the partial AUC goes.",
)
@draws_option
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Print every table, prediction sets and decision curve too, and every subgroup.",
)
@click.option("--paper", is_flag=True, help="Print the paper's tables instead: percent with two decimals.")
@click.option("--picture", type=output_file, metavar="FILE.png", help="Draw the confusion matrix.")
@click.option(
    "--report", type=output_file, metavar="FILE.html", help="Write the report, one page with all metrics and plots."
)
@click.option(
    "--checklist",
    type=output_file,
    metavar="FILE.md",
    help="Write the checklist CLAIM 2024, filled as far as the run knows.",
)
@click.option("--photographs", is_flag=True, help="Show example photographs with class maps in the report.")
@table_file_options
@click.option("--table", type=output_file, metavar="FILE.csv", help="Write the predictions table that was evaluated.")
@open_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Print the metrics of each class with 95 % confidence intervals, calibration and triage thresholds.

    RUN is an id, the beginning of one, a folder, or an artefact: a .tflite, .onnx or .keras of a run, or a bundle,
    which predicts the run's test photographs again, wherever it lies; by default the chosen run, else the
    latest finished one.
    """
    here = session(ctx)
    result = evaluated(here, given)
    tables = result.tables(paper=given["paper"])
    if given["as_json"]:
        echo_json(result.to_json())
        return
    if not (given["everything"] or given["paper"]):
        tables = [table for table in tables if table.name in DEFAULT_TABLES]
    unfold = "" if given["everything"] else "--all"
    notes, titles = (*result.baseline_sentences, *result.notes), result.report_facts.class_titles
    print_tables(tables, result.title, notes, result.synthetic, unfold=unfold, titles=titles)
    _end(here, given)


def evaluated(here: Session, given: Mapping[str, Any]) -> EvaluationResult:
    """Evaluate what the options ``given``, by parameter, ask for, and write the files that they name.

    Raises RequestError for what cannot be meant, and as :func:`derm_cli.workflows.evaluating.evaluate.evaluate` does.
    """
    from derm_cli.workflows.evaluating.evaluate import EvaluationRequest, evaluate

    _check(given)
    result = evaluate(here, EvaluationRequest(**{name: given[name] for name in EvaluationRequest.__dataclass_fields__}))
    if given["picture"]:
        from derm_cli.evaluation.reporting.plots.confusion_png import draw_confusion

        draw_confusion(result.judgement.evaluation, given["picture"], result.title, synthetic=result.synthetic)
    if given["report"]:
        result.write_report(given["report"])
    if given["checklist"]:
        from derm_cli.workflows.evaluating.checklist import write_checklist

        write_checklist(result, given["checklist"])
    if given["table"]:
        from derm_cli.evaluation.predictions import write_predictions

        write_predictions(result.predictions, given["table"])
    write_tables(result.tables(paper=given["paper"]), given["csv_file"], given["latex"])
    return result


def _end(here: Session, given: dict[str, Any]) -> None:
    """Print where the report is, and what comes next after the evaluation of a run on its own test part."""
    from derm_cli.workflows.predicting.predict import is_artefact_or_bundle

    is_of_run = not (given["predictions"] or given["data"] or is_artefact_or_bundle(here, given["run"] or ""))
    if given["report"]:
        echo(f"\nReport: {one_line(str(given['report']))}")
    if is_of_run:
        run = here.runs.find(given["run"]) if given["run"] else here.runs.default()
        if given["report"]:
            print_next(f"export {run.argument} --tflite")
        else:
            echo("")
            print_ending(run, f"export {run.argument} --tflite", opens=given["opens"])
    if given["opens"] and given["report"]:
        open_page(given["report"])


def _check(given: Mapping[str, Any]) -> None:
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
    if given["features"] and not given["data"]:
        raise RequestError(f"--features '{given['features']}' goes with --data alone.")
    if given["photographs"] and (predictions or not given["report"]):
        raise RequestError("--photographs goes with --report, and with a run: a table has no photographs.")
    if given["opens"] and not given["report"] and (predictions or given["data"]):
        raise RequestError("--open has no report to show: give --report FILE.html too.")
    now, soon = given["refer_at"]
    if now > soon:
        raise RequestError(f"--refer-at '{now:g}' is above '{soon:g}': fewer are referred now than now or soon.")
