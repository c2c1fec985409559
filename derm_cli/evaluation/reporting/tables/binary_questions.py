"""Calibration slopes and the upper ends of ROC curves as tables: a row a class, and one for malignant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from derm_cli.evaluation.metrics.calibration_slope import CalibrationSlope, CalibrationSlopes
from derm_cli.evaluation.metrics.metric_table import CALIBRATION_SLOPE_METRICS, PARTIAL_AUC_METRICS, Metric
from derm_cli.evaluation.metrics.partial_auc import PartialAuc, PartialAucs
from derm_cli.evaluation.reporting.tables.table import Row, Table, metric_cell
from derm_cli.taxonomy import MALIGNANT

OfQuestion = CalibrationSlope | PartialAuc
WHY = "no interval"


def calibration_slope_table(slopes: CalibrationSlopes) -> Table:
    """Return slope and intercept of each class against all others, and of malignant against all else."""
    header = ("class", "cases", *(metric.heading for metric in CALIBRATION_SLOPE_METRICS.values()))
    rows = _rows(slopes.per_class, slopes.malignant, "all malignant", CALIBRATION_SLOPE_METRICS)
    title = "Calibration slope and intercept: best are 1 and 0"
    table = Table("calibration_slope", title, header, tuple(rows))
    return _with_reasons(table, _all(slopes.per_class, slopes.malignant))


def partial_auc_table(partial_aucs: PartialAucs) -> Table:
    """Return the sensitivity at the specificity, and the partial AUC, of each class and for malignant."""
    header = ("class", "cases", *(metric.heading for metric in PARTIAL_AUC_METRICS.values()))
    rows = _rows(partial_aucs.per_class, partial_aucs.malignant, f"{MALIGNANT} against benign", PARTIAL_AUC_METRICS)
    title = f"At a specificity of {100 * partial_aucs.specificity:g} %, and above it: chance is a partial AUC of 50 %"
    table = Table("partial_auc", title, header, tuple(rows))
    return _with_reasons(table, _all(partial_aucs.per_class, partial_aucs.malignant))


def _with_reasons(table: Table, results: Iterable[OfQuestion]) -> Table:
    """Add a column that says why rows have no interval, where any has none."""
    reasons = [each.no_interval or "" for each in results]
    if not any(reasons):
        return table
    rows = tuple((*row, reason) for row, reason in zip(table.rows, reasons, strict=True))
    return replace(table, header=(*table.header, WHY), rows=rows)


def _all(per_class: Mapping[str, OfQuestion], malignant: OfQuestion | None) -> list[OfQuestion]:
    return [*per_class.values(), *([malignant] if malignant is not None else [])]


def _rows(
    per_class: Mapping[str, OfQuestion], malignant: OfQuestion | None, name: str, metrics: Mapping[str, Metric]
) -> Iterator[Row]:
    named = [*per_class.items(), *([(name, malignant)] if malignant is not None else [])]
    for label, result in named:
        cells = [
            metric_cell(metric, getattr(result, name), result.intervals.get(name)) for name, metric in metrics.items()
        ]
        yield (label, result.positives, *cells)
