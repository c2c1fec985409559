"""Each class against all others, all together, coarse diagnoses, and the form of the paper's tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derm_cli.evaluation.metrics.classification import ClassMetrics, Evaluation
from derm_cli.evaluation.metrics.coarse import CoarseEvaluation
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS, Metric
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table, metric_cell
from derm_cli.taxonomy import SEPARATOR


def class_table(evaluation: Evaluation) -> Table:
    """Return a row a class: its cases, its patients where these have several cases, and its metrics in percent."""
    metrics = tuple(CLASS_METRICS.values())
    rows: tuple[Row, ...] = tuple(
        (name, of_class.support, *_groups(of_class), *metric_cells(of_class, metrics))
        for name, of_class in evaluation.per_class.items()
    )
    groups = () if evaluation.groups is None else (evaluation.group_word,)
    header = ("class", "cases", *groups, *(metric.heading for metric in metrics))
    return Table("classes", "Per-class metrics: each class against all others", header, rows)


def _groups(of_class: ClassMetrics) -> tuple[int, ...]:
    return () if of_class.groups is None else (of_class.groups,)


def overall_table(evaluation: Evaluation) -> Table:
    """Return a row a metric over all classes."""
    metrics = tuple(OVERALL_METRICS.values())
    cells = metric_cells(evaluation, metrics)
    rows = tuple((metric.heading, cell) for metric, cell in zip(metrics, cells, strict=True))
    return Table("overall", "Overall metrics: all classes together", ("overall", "value"), rows)


def metric_cells(metrics_of: Evaluation | ClassMetrics, metrics: Sequence[Metric]) -> tuple[Number, ...]:
    """Return metrics of an evaluation, or of one of its classes, with their intervals."""
    return tuple(
        metric_cell(metric, getattr(metrics_of, metric.name), metrics_of.intervals.get(metric.name))
        for metric in metrics
    )


def coarse_table(coarse: CoarseEvaluation) -> Table:
    """Return a row a coarse diagnosis: its classes, its metrics, and what it was taken for most often."""
    evaluation = coarse.evaluation
    metrics = [CLASS_METRICS[name] for name in ("sensitivity", "specificity", "precision")]
    titles = {name: name.rpartition(SEPARATOR)[2] for name in coarse.members}

    def most_frequent_mistake(diagnosis: int) -> str:
        mistakes = evaluation.counts[diagnosis].copy()
        mistakes[diagnosis] = 0
        most = int(mistakes.argmax())
        return f"{titles[evaluation.classes[most]]} ({mistakes[most]})" if mistakes[most] else ""

    rows: tuple[Row, ...] = tuple(
        (
            titles[name],
            ", ".join(coarse.members[name]),
            of_diagnosis.support,
            *metric_cells(of_diagnosis, metrics),
            most_frequent_mistake(index),
        )
        for index, (name, of_diagnosis) in enumerate(evaluation.per_class.items())
    )
    headings = (metric.heading for metric in metrics)
    header = ("coarse diagnosis", "classes", "cases", *headings, "most often taken for")
    return Table("coarse", "Metrics by coarse diagnosis: the second level of the ISIC hierarchy", header, rows)


def paper_tables(evaluation: Evaluation, name: str) -> Iterator[Table]:
    """Yield the form of the paper's tables (Nedelcu et al. 2021): IV over all classes, V and VI by class.

    Their headings are the paper's.  It prints 0.00 for the precision of a class that was never predicted; here it is
    undefined.
    """
    overall = ("accuracy", "weighted_f1", "macro_f1")
    total: Row = (name, *(_hundredths(getattr(evaluation, metric)) for metric in overall))
    yield Table("table4", "As the paper's table IV", ("strategy", "accuracy", "weighted F1", "F1"), (total,))
    rows: tuple[Row, ...] = tuple(
        (
            label,
            of_class.support,
            *(_hundredths(getattr(of_class, metric)) for metric in ("sensitivity", "precision", "f1")),
        )
        for label, of_class in evaluation.per_class.items()
    )
    header = ("class", "test cases", "sensitivity", "precision", "F1")
    yield Table("table5", "As the paper's tables V and VI", header, rows)


def _hundredths(share: float | None) -> Number:
    return Number(share, decimals=2)
