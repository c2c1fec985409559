"""An evaluation as rows of text, and as tables for a terminal: percent with two decimals, '–' where undefined."""

from __future__ import annotations

from derm_cli.console import table
from derm_cli.evaluation.figures import Evaluation

UNDEFINED = "–"
PER_CLASS = {
    "sensitivity %": "sensitivity",
    "specificity %": "specificity",
    "precision %": "precision",
    "F1 %": "f1",
    "AUC %": "auc",
}
"""The shares of a class: how each is headed, and its name in :class:`ClassFigures`."""
OVERALL = {
    "accuracy": "accuracy",
    "balanced accuracy": "balanced_accuracy",
    "weighted F1": "weighted_f1",
    "macro F1": "macro_f1",
}
"""The figures over all classes, likewise, with the names of :class:`Evaluation`."""


def per_class_rows(evaluation: Evaluation) -> list[list[str]]:
    """Return the header and a row for each class: its name, its cases, and its shares in percent."""
    rows = [
        [name, str(each.support), *(_percent(getattr(each, figure)) for figure in PER_CLASS.values())]
        for name, each in evaluation.per_class.items()
    ]
    return [["class", "cases", *PER_CLASS], *rows]


def overall_rows(evaluation: Evaluation) -> list[list[str]]:
    """Return the header and a row for each figure over all classes, in percent."""
    return [["overall", "%"], *([title, _percent(getattr(evaluation, name))] for title, name in OVERALL.items())]


def per_class_table(evaluation: Evaluation) -> str:
    """Return :func:`per_class_rows` laid out for a terminal."""
    return _lay_out(per_class_rows(evaluation))


def overall_table(evaluation: Evaluation) -> str:
    """Return :func:`overall_rows` laid out for a terminal."""
    return _lay_out(overall_rows(evaluation))


def _percent(share: float | None) -> str:
    return UNDEFINED if share is None else f"{100 * share:.2f}"


def _lay_out(rows: list[list[str]]) -> str:
    """Pad to the right edge here: ``console.table`` takes a column with a '–' for text."""
    first, *others = zip(*rows, strict=True)
    padded = [[cell.rjust(max(map(len, column))) for cell in column] for column in others]
    header, *body = zip(first, *padded, strict=True)
    return table(header, body)
