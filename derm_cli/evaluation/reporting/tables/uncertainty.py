"""Calibration, prediction sets and selective prediction as tables."""

from __future__ import annotations

from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.metrics.metric_table import CALIBRATION_METRICS, OVERALL_METRICS, PREDICTION_SET_METRICS
from derm_cli.evaluation.metrics.prediction_sets import PredictionSets
from derm_cli.evaluation.metrics.selective_prediction import SelectivePoint
from derm_cli.evaluation.reporting.tables.promises import PROMISE_HEADINGS, promise_cells
from derm_cli.evaluation.reporting.tables.table import Number, Table, metric_cell


def calibration_table(calibration: Calibration) -> Table:
    """Return a row for each metric of calibration."""
    rows = tuple(
        (metric.heading, metric_cell(metric, getattr(calibration, name), calibration.intervals.get(name)))
        for name, metric in CALIBRATION_METRICS.items()
    )
    title = "Calibration: whether a probability means what it says"
    title += f" ({calibration.no_interval})" if calibration.no_interval else ""
    return Table("calibration", title, ("calibration", "value"), rows)


def prediction_set_table(sets: PredictionSets) -> Table:
    """Return coverage and size of the prediction sets, by class."""
    coverage, size = PREDICTION_SET_METRICS["coverage"], PREDICTION_SET_METRICS["size"]
    overall = ("all", metric_cell(coverage, sets.coverage, sets.coverage_interval), metric_cell(size, sets.size))
    by_class = (
        (
            name,
            metric_cell(coverage, share, sets.intervals_by_class.get(name)),
            metric_cell(size, sets.size_by_class[name]),
        )
        for name, share in sets.coverage_by_class.items()
    )
    title = (
        f"Prediction sets: every class of {sets.threshold:.3f} or more, chosen on {sets.chosen_on} validation "
        f"photographs to hold the true one in {sets.target:.0%}"
    )
    return Table("conformal", title, ("class", coverage.heading, size.heading), (overall, *by_class))


def sets_by_class_table(sets: PredictionSets) -> Table:
    """Return each class's own threshold, what it promises, and how the sets by these thresholds did."""
    coverage, size = PREDICTION_SET_METRICS["coverage"], PREDICTION_SET_METRICS["size"]
    own = sets.by_class
    by_class = (
        (
            name,
            *promise_cells(promise),
            metric_cell(coverage, own.coverage_by_class[name], own.intervals_by_class.get(name)),
            metric_cell(size, own.size_by_class[name]),
        )
        for name, promise in own.promises.items()
    )
    overall = (
        *("all", Number(None), Number(None), ""),
        metric_cell(coverage, own.coverage, own.coverage_interval),
        metric_cell(size, own.size),
    )
    title = (
        f"Prediction sets by class: each class joins at a threshold of its own, chosen to hold the true one in "
        f"{sets.target:.0%} of each class"
    )
    header = ("class", *PROMISE_HEADINGS, coverage.heading, size.heading)
    return Table("conformal_by_class", title, header, (overall, *by_class))


def selective_table(curve: tuple[SelectivePoint, ...]) -> Table:
    """Return how those fare that are left when the least confident ones go to a person."""
    accuracy, balanced = OVERALL_METRICS["accuracy"], OVERALL_METRICS["balanced_accuracy"]
    rows = tuple(
        (
            Number(point.answered),
            Number(point.confidence, scale=1, decimals=3),
            metric_cell(accuracy, point.accuracy, point.intervals.get("accuracy")),
            metric_cell(balanced, point.balanced_accuracy, point.intervals.get("balanced_accuracy")),
        )
        for point in curve
    )
    header = ("answered %", "least confidence", accuracy.heading, balanced.heading)
    return Table("abstention", "Selective prediction: when the least confident go to a person", header, rows)
