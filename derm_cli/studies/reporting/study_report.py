"""The report of a study: tables, pictures and sentences, as one page and as files for programs and papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.errors import one_line
from derm_cli.evaluation import SYNTHETIC
from derm_cli.evaluation.intervals.simultaneous import holm_adjusted
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import PairedComparison, paired_comparisons
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import as_csv, as_latex, as_markdown
from derm_cli.evaluation.reporting.headings import Heading
from derm_cli.evaluation.reporting.limitations import INTENDED_USE
from derm_cli.evaluation.reporting.page import rendered_page
from derm_cli.evaluation.reporting.plots.figures import Plot
from derm_cli.evaluation.reporting.sections import Section
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.evaluation.shared_patients import with_shared_patients
from derm_cli.files import write_text
from derm_cli.studies.judging.answers import StudyAnswers, study_answers
from derm_cli.studies.judging.cost import StudyCost, study_cost
from derm_cli.studies.judging.deciding import decisions
from derm_cli.studies.judging.optimism import CorrectedChoice, corrected_choice
from derm_cli.studies.judging.pareto import ParetoFront, pareto_fronts
from derm_cli.studies.judging.rule import Rule
from derm_cli.studies.reporting.answers_folder import write_answers
from derm_cli.studies.reporting.report_plots import class_changes_plot, pareto_plot
from derm_cli.studies.reporting.report_tables import study_tables
from derm_cli.studies.storage.folder import REPORT, StudyFolder
from derm_cli.workflows.session import Session

MOST_WITH_CLASS_INTERVALS = 40
"""Rows up to which the change of each class has an interval: more would take minutes, and nobody reads so many."""
TEMPLATE = "study.html.jinja"
HEADINGS = (
    Heading(
        "paper",
        "The rows",
        "In the form of the paper",
        "Figures are percent of the test photographs. Each training is judged by itself; a row has their mean.",
        ("paper",),
    ),
    Heading(
        "answers",
        "Mean answers",
        "The answers of a row's trainings as one table",
        "Over folds each case was answered by the model that had not seen it, over seeds it has the mean of the "
        "probabilities. The tables are beside this page, for derm evaluate --predictions.",
        ("answers",),
    ),
    Heading(
        "differences",
        "Paired differences",
        "What is better than the reference by more than chance",
        "Each row is held against the reference case by case. The intervals of all overall differences hold together, "
        "by patient where patients are known.",
        ("differences",),
    ),
    Heading(
        "changes",
        "Changes by class",
        "Which class gained by which row",
        "A mean over classes hides that one gained what another lost.",
        ("changes",),
    ),
    Heading(
        "spread",
        "Spread",
        "Over seeds and folds",
        "How much a training's figures change with the seed, and with who is learnt from and tested on.",
        ("spread",),
    ),
    Heading(
        "cost",
        "Cost",
        "Time, energy, machine, size",
        "Stages from the store were trained before. What several rows share was trained once, and is a line of its "
        "own. Of a processor's energy a training has the share that it had of the work of all cores; of its GPU's it "
        "has all. What no counter has, such as disks and fans, is not in it.",
        ("cost",),
    ),
    Heading(
        "worth",
        "Worth against cost",
        "What no other row beats in both",
        "Against the size of a row's smallest export, and against its latency, where derm benchmark measured that: of "
        "one format in one runtime on one machine, so that figures can be held against each other.",
        ("worth",),
    ),
    Heading("unfinished", "Without figures", "Rows that are not judged", "And why, with what to do.", ("unfinished",)),
)


@dataclass(frozen=True)
class StudyReport:
    """A report: its tables, the sentences on what the data decide, and where its page is."""

    title: str
    tables: tuple[Table, ...]
    decisions: tuple[str, ...]
    evaluations: dict[str, Evaluation]
    comparisons: dict[str, PairedComparison]
    cost: StudyCost
    fronts: tuple[ParetoFront, ...]
    synthetic: bool
    path: Path
    best: CorrectedChoice | None = None

    def to_json(self) -> dict[str, Any]:
        """Return all metrics as JSON values; ``holm`` are the p-values that hold for all comparisons together."""
        adjusted = holm_adjusted([each.p_value for each in self.comparisons.values()])
        return {
            "title": self.title,
            "path": str(self.path),
            "rows": {name: each.to_json() for name, each in self.evaluations.items()},
            "differences": {
                name: each.to_json() | {"holm": value}
                for (name, each), value in zip(self.comparisons.items(), adjusted, strict=True)
            },
            "decisions": list(self.decisions),
            "best": self.best.to_json() if self.best else None,
            "cost": self.cost.to_json(),
            "worth": {front.name: front.to_json() for front in self.fronts},
            "synthetic": self.synthetic,
        }


def report_study(session: Session, folder: StudyFolder) -> StudyReport:
    """Judge a study's rows, and write its report into its folder: a page, CSV, LaTeX, Markdown, and mean answers.

    Rows that are not finished, cannot be read, or were trained on other data or tested on other photographs than the
    reference, are not compared, and told of.
    """
    answers = study_answers(session, folder)
    tables = {row.name: row.predictions for row in answers.whole}
    comparable = with_shared_patients({name: each for name, each in tables.items() if _is_paired(tables, each)})
    tables |= comparable
    # Intervals are the same for any number of draws, and none of these metrics is drawn.
    evaluations = {name: evaluation_of(table, draws=1) for name, table in tables.items()}
    comparisons: dict[str, PairedComparison] = {}
    if len(comparable) > 1:
        first, *others = comparable
        comparisons = paired_comparisons(
            comparable[first],
            {name: comparable[name] for name in others},
            first,
            class_intervals=len(others) <= MOST_WITH_CLASS_INTERVALS,
        )
    cost = study_cost(answers)
    fronts = pareto_fronts(answers.whole, comparable, evaluations)
    best = _best_of_folds(answers, comparable, evaluations)
    shown = tuple(study_tables(answers, evaluations, comparisons, cost, fronts))
    spec = answers.record.spec
    path = folder.path / REPORT
    report = StudyReport(
        f"Study {spec.name}" + (f": {spec.title}" if spec.title else ""),
        shown,
        (
            *decisions(answers, comparisons, [name for name in tables if name not in comparable]),
            *([] if best is None else [best[1]]),
            *(front.sentence for front in fronts),
        ),
        evaluations,
        comparisons,
        cost,
        fronts,
        answers.is_synthetic,
        path / "report.html",
        None if best is None else best[0],
    )
    write_answers({row.name: row.predictions for row in answers.whole}, path / "answers")
    write_text(path / "tables.csv", as_csv(shown))
    write_text(path / "tables.tex", "\n\n".join(map(as_latex, shown)) + "\n")
    write_text(path / "tables.md", "\n\n".join(map(as_markdown, shown)) + "\n")
    write_text(report.path, _page(report, answers))
    return report


def _best_of_folds(
    answers: StudyAnswers, tables: Mapping[str, Predictions], evaluations: Mapping[str, Evaluation]
) -> tuple[CorrectedChoice, str] | None:
    """Return what is left of the best row's figure for other patients, and the sentence; None without folds.

    By folds a row is chosen on the very answers that the report is of; without, its test part chooses nothing.
    """
    if not answers.record.spec.folds or not tables:
        return None
    rule = Rule()
    best = max(tables, key=lambda name: getattr(evaluations[name], rule.by) or 0.0)
    correction = corrected_choice({name: [table] for name, table in tables.items()}, rule, best)
    if correction is None:
        return None
    title = OVERALL_METRICS[rule.by].title
    return correction, f"By {title}, '{one_line(best)}' has the most. {correction.sentence}"


def _is_paired(tables: Mapping[str, Predictions], table: Predictions) -> bool:
    """Tell whether a table has the cases and classes of the first, the reference's."""
    first = next(iter(tables.values()))
    return set(table.case_ids) == set(first.case_ids) and set(table.classes) == set(first.classes)


def _page(report: StudyReport, answers: StudyAnswers) -> str:
    plots = _plots(report, answers)
    sections = []
    for heading in HEADINGS:
        tables = [table for table in report.tables if table.name in heading.tables]
        section = Section(heading, tables, plots.get(heading.id, []))
        sections += [section] if section.tables or section.plots else []
    lead = f"{len(answers.rows)} rows, {sum(len(each.trainings) for each in answers.rows)} trainings"
    if report.evaluations:
        one = next(iter(report.evaluations.values()))
        lead += f", {one.cases:,} test photographs, {len(one.classes)} classes"
    return rendered_page(
        TEMPLATE,
        title=report.title,
        synthetic_warning=SYNTHETIC if report.synthetic else "",
        lead=f"{lead}.{_held_against(answers)}",
        decisions=report.decisions,
        sections=sections,
        intended_use=INTENDED_USE,
        class_title=lambda *_: "",
    )


def _held_against(answers: StudyAnswers) -> str:
    """Return the sentence that names what rows are held against, where there is anything."""
    reference = answers.record.spec.reference
    if answers.stands_in:
        return (
            f" Rows are held against '{answers.stands_in}' in place of the reference '{reference}', which has no "
            "figures."
        )
    return f" Rows are held against '{reference}'." if answers.whole else ""


def _plots(report: StudyReport, answers: StudyAnswers) -> dict[str, list[Plot]]:
    found: dict[str, list[Plot | None]] = {}
    if report.comparisons:
        found["changes"] = [class_changes_plot(answers.whole[0].name, report.comparisons)]
    found["worth"] = [pareto_plot(front) for front in report.fronts]
    return {heading: [plot for plot in plots if plot is not None] for heading, plots in found.items()}
