"""Writes the report of an evaluation: one HTML page that needs no other file, no network and no program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from derm_cli.evaluation import SYNTHETIC
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.case_flow import CaseFlow
from derm_cli.evaluation.reporting.headings import DETAILS, LIMITATIONS, PHOTOGRAPHS
from derm_cli.evaluation.reporting.limitations import INTENDED_USE, limitations
from derm_cli.evaluation.reporting.page import rendered_page
from derm_cli.evaluation.reporting.plugin_sections import PluginSection
from derm_cli.evaluation.reporting.sections import report_sections, with_plugin_sections
from derm_cli.evaluation.reporting.tables.table import Number, Table, class_title
from derm_cli.files import write_text

TEMPLATE = "report.html.jinja"


@dataclass(frozen=True)
class ExamplePhotograph:
    """A photograph in a report: the heading of its group, its caption, and a PNG or JPEG as a ``data:`` URL."""

    group: str
    caption: str
    data_url: str


@dataclass(frozen=True)
class ReportFacts:
    """What a report tells of the run beside the metrics, all of it text; empty where nothing is known.

    ``details`` by heading and name; ``tables`` have data, phases and temperature; ``history`` the rows of history.csv;
    ``limitations`` are sentences on what the metrics cannot tell; ``case_flows`` count the photographs of each dataset;
    ``class_titles`` has what each class's name stands for.
    """

    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    history: Sequence[dict[str, str]] = ()
    training_datasets: Sequence[str] = ()
    limitations: Sequence[str] = ()
    case_flows: Sequence[CaseFlow] = ()
    class_titles: Mapping[str, str] = field(default_factory=dict)


def write_report(
    judgement: Judgement | None,
    predictions: Predictions | None,
    path: Path,
    title: str,
    report_facts: ReportFacts,
    *,
    synthetic: bool,
    photographs: Sequence[ExamplePhotograph] = (),
    notes: Sequence[str] = (),
    added: Sequence[PluginSection] = (),
) -> None:
    """Write the report; whole or not at all.  ``added`` are sections of plugins.

    Without a judgement and its predictions it has the facts alone, under ``notes`` that say why.

    ``synthetic`` puts above all that synthetic photographs are among those judged or trained on.
    """
    own = report_sections(judgement, predictions, report_facts.tables, report_facts.history)
    sections = with_plugin_sections(own, added)
    of_judgement = (
        limitations(judgement, predictions, report_facts.training_datasets) if judgement and predictions else ()
    )
    closing = [*([PHOTOGRAPHS] if photographs else []), *([DETAILS] if report_facts.details else []), LIMITATIONS]
    page = rendered_page(
        TEMPLATE,
        title=title,
        synthetic_warning=SYNTHETIC if synthetic else "",
        evaluation=judgement.evaluation if judgement else None,
        headline_metrics=_headline_metrics(judgement) if judgement else (),
        sections=sections,
        case_flows=report_facts.case_flows,
        contents=[*(each.heading for each in sections), *closing],
        photographs_heading=PHOTOGRAPHS,
        details_heading=DETAILS,
        limitations_heading=LIMITATIONS,
        details=report_facts.details,
        photograph_groups=_by_group(photographs),
        notes=judgement.notes if judgement else notes,
        intended_use=INTENDED_USE,
        limitations=[*report_facts.limitations, *of_judgement],
        class_title=lambda heading, cell: class_title(report_facts.class_titles, heading, cell),
    )
    write_text(path, page)


def _headline_metrics(judgement: Judgement) -> list[tuple[str, Number]]:
    """Return the few metrics at the top of the page, each with its caption."""
    evaluation = judgement.evaluation
    captions = {"balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "auc": OVERALL_METRICS["auc"].title}
    metrics = [
        (caption, Number(getattr(evaluation, name), evaluation.intervals.get(name)))
        for name, caption in captions.items()
    ]
    binary = judgement.triage and judgement.triage.without_indeterminate
    for point in binary.points if binary else ():
        if point.target == 0.95:
            captions = {
                "sensitivity": "sensitivity for malignant, at the threshold chosen for 95\N{NO-BREAK SPACE}%",
                "specificity": "specificity: benign not referred, at the same threshold",
            }
            metrics += [
                (caption, Number(getattr(point, name), point.intervals.get(name))) for name, caption in captions.items()
            ]
    return [(caption, value) for caption, value in metrics if value.value is not None]


def _by_group(photographs: Sequence[ExamplePhotograph]) -> dict[str, list[ExamplePhotograph]]:
    groups: dict[str, list[ExamplePhotograph]] = {}
    for each in photographs:
        groups.setdefault(each.group, []).append(each)
    return groups
