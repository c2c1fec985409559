"""The sections of a report: which tables and plots of a judgement stand under which heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.headings import HEADINGS, Heading
from derm_cli.evaluation.reporting.plots.confusion_svg import confusion_plot
from derm_cli.evaluation.reporting.plots.decision_curve import decision_curve_plot
from derm_cli.evaluation.reporting.plots.figures import Plot
from derm_cli.evaluation.reporting.plots.reliability import reliability_diagram
from derm_cli.evaluation.reporting.plots.selective_prediction import selective_prediction_plot
from derm_cli.evaluation.reporting.plots.threshold_curves import precision_recall_plot, roc_plot
from derm_cli.evaluation.reporting.plots.training_history import Epochs, training_history_plot
from derm_cli.evaluation.reporting.plugin_sections import PluginSection, SectionBlock
from derm_cli.evaluation.reporting.tables.baselines import baseline_sentences
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table

MOST_MISTAKES = 12
"""The most mistakes that are listed."""
SECTION_OF_TABLE = {table: heading.id for heading in HEADINGS for table in heading.tables}
"""The section of a table, by the table's name.  Any other follows the one before it."""
THRESHOLDS = (
    " A rule refers a lesion whose summed probability of the classes to be found is its threshold or more. All "
    "thresholds were chosen on the validation part and are told on the test part."
)


@dataclass
class Section:
    """A section of a report: its heading, and the tables and plots under it; ``blocks`` are those of a plugin's."""

    heading: Heading
    tables: list[Table] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    blocks: Sequence[SectionBlock] = ()


def report_sections(
    judgement: Judgement | None, predictions: Predictions | None, run_tables: Sequence[Table], history: Epochs
) -> list[Section]:
    """Return the sections that have something to show: every table of the judgement, if any, and ``run_tables``.

    The latter are the run's data and phases; ``history`` has the rows of its history.csv.
    """
    sections = {heading.id: Section(_with_facts(heading, judgement) if judgement else heading) for heading in HEADINGS}
    for tables, first in ((judgement_tables(judgement) if judgement else (), "classes"), (run_tables, "data")):
        for section, table in _by_section(tables, first):
            sections[section].tables.append(table)
    mistakes = mistakes_table(judgement.evaluation) if judgement else None
    sections["confusion-matrix"].tables += [mistakes] if mistakes else []
    plots = list(_plots(judgement, predictions)) if judgement and predictions else []
    for section, plot in (*plots, ("training-history", training_history_plot(history))):
        if plot is not None:
            sections[section].plots.append(plot)
    return [each for each in sections.values() if each.tables or each.plots]


def with_plugin_sections(sections: Sequence[Section], added: Sequence[PluginSection]) -> list[Section]:
    """Return sections with those of plugins among them, each after the one that it names, or at the end."""
    ids = [each.heading.id for each in sections]
    following = {name: [each for each in added if each.after == name] for name in ids}
    rest = [each for each in added if each.after not in ids]
    placed = []
    for section in sections:
        placed += [section, *(Section(each.heading, blocks=each.blocks) for each in following[section.heading.id])]
    return [*placed, *(Section(each.heading, blocks=each.blocks) for each in rest)]


def mistakes_table(evaluation: Evaluation) -> Table | None:
    """Return the most frequent mistakes, those with the largest share of their class first where they are equal."""
    counts, classes = evaluation.counts, evaluation.classes
    support = counts.sum(axis=1)
    wrong = [(row, column) for row, column in np.argwhere(counts).tolist() if row != column]
    wrong.sort(key=lambda pair: (-counts[pair], -counts[pair] / support[pair[0]]))
    rows: tuple[Row, ...] = tuple(
        (classes[row], classes[column], int(counts[row, column]), Number(float(counts[row, column] / support[row])))
        for row, column in wrong[:MOST_MISTAKES]
    )
    if not rows:
        return None
    title = "The most frequent mistakes" if len(wrong) > MOST_MISTAKES else "The mistakes, the most frequent first"
    return Table("mistakes", title, ("true class", "predicted", "cases", "of the class %"), rows)


def _by_section(tables: Iterable[Table], section: str) -> Iterator[tuple[str, Table]]:
    """Yield each table with the id of its section; ``section`` is that of a first table whose name is not known."""
    for table in tables:
        section = SECTION_OF_TABLE.get(table.name, section)
        yield section, table


def _plots(judgement: Judgement, predictions: Predictions) -> Iterator[tuple[str, Plot | None]]:
    yield "confusion-matrix", confusion_plot(judgement.evaluation)
    yield "curves", roc_plot(predictions, judgement.evaluation)
    yield "curves", precision_recall_plot(predictions, judgement.evaluation)
    if judgement.decision_curve is not None:
        yield "usefulness", decision_curve_plot(judgement.decision_curve)
    if judgement.calibration is not None:
        yield "calibration", reliability_diagram(judgement.calibration)
    if judgement.selective_prediction:
        yield "selective-prediction", selective_prediction_plot(judgement.selective_prediction)


def _with_facts(heading: Heading, judgement: Judgement) -> Heading:
    """Return a heading whose reading tells how intervals were computed, and thresholds chosen, in this judgement."""
    reading = heading.reading
    if heading.id == "classes":
        reading += _intervals(judgement.evaluation)
    if heading.id == "baselines":
        reading = " ".join((*baseline_sentences(judgement.baselines), reading))
    if heading.id == "triage" and _has_thresholds(judgement):
        reading += THRESHOLDS
    return replace(heading, reading=reading)


def _has_thresholds(judgement: Judgement) -> bool:
    return judgement.triage is not None and any(task.points for task in judgement.triage.tasks)


def _intervals(evaluation: Evaluation) -> str:
    if not evaluation.intervals:
        return " Without intervals, for none were asked for."
    cases = (
        f"for which photographs of the same of the {evaluation.groups} {evaluation.group_word} count as no more "
        "cases than they are worth"
        if evaluation.groups
        else "for which each photograph is taken for a case of its own"
    )
    return f" In brackets stands the 95 % confidence interval, {cases}."
