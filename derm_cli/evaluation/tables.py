"""An evaluation as text for a terminal: percent with two decimals, '–' where a figure is undefined."""

from __future__ import annotations

from derm_cli.console import table
from derm_cli.evaluation.figures import Evaluation

UNDEFINED = "–"


def per_class_table(evaluation: Evaluation) -> str:
    """Return a line for each class: its cases, sensitivity, specificity, precision, F1 and AUC, shares in percent."""
    columns = [["class", *evaluation.classes]]
    columns.append(_right("cases", [str(each.support) for each in evaluation.per_class.values()]))
    for header, name in (
        ("sensitivity %", "sensitivity"),
        ("specificity %", "specificity"),
        ("precision %", "precision"),
        ("F1 %", "f1"),
        ("AUC %", "auc"),
    ):
        columns.append(_right(header, [_percent(getattr(each, name)) for each in evaluation.per_class.values()]))
    return _lay_out(columns)


def overall_table(evaluation: Evaluation) -> str:
    """Return a line for each figure over all classes, in percent."""
    figures = {
        "accuracy": evaluation.accuracy,
        "balanced accuracy": evaluation.balanced_accuracy,
        "weighted F1": evaluation.weighted_f1,
        "macro F1": evaluation.macro_f1,
    }
    return _lay_out([["overall", *figures], _right("%", [_percent(value) for value in figures.values()])])


def _percent(share: float | None) -> str:
    return UNDEFINED if share is None else f"{100 * share:.2f}"


def _right(header: str, cells: list[str]) -> list[str]:
    """Pad to the right edge here: ``console.table`` takes a column with a '–' for text."""
    width = max(map(len, [header, *cells]))
    return [cell.rjust(width) for cell in [header, *cells]]


def _lay_out(columns: list[list[str]]) -> str:
    headers, *rows = zip(*columns, strict=True)
    return table(headers, rows)
