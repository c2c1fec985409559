"""Each class against all others, all together, coarse diagnoses, and the form of the paper's tables."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.metrics.classification import ClassMetrics, Evaluation
from derm_cli.evaluation.metrics.coarse import Coarse
from derm_cli.evaluation.reporting.tables.table import Row, Table, Value
from derm_cli.evaluation.resampling import Interval
from derm_cli.taxonomy import SEPARATOR

OF_CLASS = {
    "sensitivity %": "sensitivity",
    "specificity %": "specificity",
    "PPV %": "precision",
    "NPV %": "npv",
    "F1 %": "f1",
    "AUC %": "auc",
    "AP %": "average_precision",
}
"""How a figure of a class is headed, and its name in :class:`ClassMetrics`."""
OVERALL = {
    "accuracy %": "accuracy",
    "balanced accuracy %": "balanced_accuracy",
    "weighted F1 %": "weighted_f1",
    "macro F1 %": "macro_f1",
    "Cohen's kappa": "kappa",
    "Matthews correlation": "mcc",
    "AUC, mean of the classes %": "auc",
    "top-3 accuracy %": "top3",
}
"""The figures over all classes, likewise, with the names of :class:`Evaluation`."""


def per_class_sheet(evaluation: Evaluation) -> Table:
    """Return a row a class: its cases, and its shares in percent."""

    def figures(each: ClassMetrics) -> Row:
        return tuple(Value(getattr(each, name), each.intervals.get(name)) for name in OF_CLASS.values())

    rows = tuple((name, each.support, *figures(each)) for name, each in evaluation.per_class.items())
    return Table("classes", "Each class against all others", ("class", "cases", *OF_CLASS), rows)


def overall_sheet(evaluation: Evaluation) -> Table:
    """Return a row a figure over all classes."""
    rows = [
        (title, _plain(getattr(evaluation, name), evaluation.intervals.get(name), title))
        for title, name in OVERALL.items()
    ]
    return Table("overall", "All classes together", ("overall", "value"), tuple(rows))


def coarse_sheet(coarse: Coarse) -> Table:
    """Return a row a coarse diagnosis: its classes, its shares, and what it was taken for most often."""
    evaluation, shares = coarse.evaluation, ("sensitivity", "specificity", "precision")
    titles = {name: name.rpartition(SEPARATOR)[2] for name in coarse.members}

    def mistaken(place: int) -> str:
        row = evaluation.counts[place].copy()
        row[place] = 0
        most = int(row.argmax())
        return f"{titles[evaluation.classes[most]]} ({row[most]})" if row[most] else ""

    rows: tuple[Row, ...] = tuple(
        (
            titles[name],
            ", ".join(coarse.members[name]),
            each.support,
            *(Value(getattr(each, share), each.intervals.get(share)) for share in shares),
            mistaken(place),
        )
        for place, (name, each) in enumerate(evaluation.per_class.items())
    )
    header = ("coarse diagnosis", "classes", "cases", "sensitivity %", "specificity %", "PPV %", "most often taken for")
    return Table("coarse", "Coarse diagnoses: the second level of the ISIC hierarchy", header, rows)


def paper_sheets(evaluation: Evaluation, name: str) -> Iterator[Table]:
    """Yield the form of the paper's tables (Nedelcu et al. 2021): IV over all classes, V and VI by class.

    The paper prints 0.00 for the precision of a class that was never predicted; here it is undefined.
    """
    overall = ("accuracy", "weighted_f1", "macro_f1")
    total: Row = (name, *(_hundredths(getattr(evaluation, each)) for each in overall))
    yield Table("table4", "As the paper's table IV", ("strategy", "accuracy", "weighted F1", "F1"), (total,))
    shares = ("sensitivity", "precision", "f1")
    rows: tuple[Row, ...] = tuple(
        (label, each.support, *(_hundredths(getattr(each, share)) for share in shares))
        for label, each in evaluation.per_class.items()
    )
    header = ("class", "test cases", "sensitivity", "precision", "F1")
    yield Table("table5", "As the paper's tables V and VI", header, rows)


def _hundredths(share: float | None) -> Value:
    return Value(share, decimals=2)


def _plain(value: float | None, interval: Interval | None, title: str) -> Value:
    return Value(value, interval) if title.endswith("%") else Value(value, interval, scale=1, decimals=3)
