"""How far an answer can be believed: calibration, prediction sets, and abstaining."""

from __future__ import annotations

from derm_cli.evaluation.metrics.abstention import SelectivePoint
from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.metrics.conformal import PredictionSets
from derm_cli.evaluation.reporting.tables.table import Row, Table, Value


def calibration_sheet(found: Calibration) -> Table:
    """Return how far probabilities can be believed."""
    rows: tuple[Row, ...] = (
        ("expected calibration error %", Value(found.ece)),
        ("Brier score, 0 to 2", Value(found.brier, found.intervals.get("brier"), scale=1, decimals=4)),
        ("log loss, nats", Value(found.log_loss, found.intervals.get("log_loss"), scale=1, decimals=4)),
    )
    return Table("calibration", "Whether a probability means what it says", ("calibration", "value"), rows)


def conformal_sheet(sets: PredictionSets) -> Table:
    """Return coverage and size of the prediction sets, by class."""
    rows = [("all", Value(sets.coverage, sets.coverage_interval), Value(sets.size, scale=1, decimals=2))]
    for name, coverage in sets.coverage_by_class.items():
        size = Value(sets.size_by_class[name], scale=1, decimals=2)
        rows.append((name, Value(coverage, sets.intervals_by_class.get(name)), size))
    heading = (
        f"Prediction sets: every class of {sets.threshold:.3f} or more, chosen on {sets.chosen_on} validation "
        f"photographs to hold the true one in {sets.target:.0%}"
    )
    return Table("conformal", heading, ("class", "coverage %", "classes in a set"), tuple(rows))


def abstention_sheet(curve: tuple[SelectivePoint, ...]) -> Table:
    """Return how those fare that are left when the least confident ones go to a person."""
    rows = tuple(
        (
            Value(each.answered, decimals=0),
            Value(each.confidence, scale=1, decimals=3),
            Value(each.accuracy),
            Value(each.balanced_accuracy),
        )
        for each in curve
    )
    header = ("answered %", "least confidence", "accuracy %", "balanced accuracy %")
    return Table("abstention", "When the least confident go to a person", header, rows)
