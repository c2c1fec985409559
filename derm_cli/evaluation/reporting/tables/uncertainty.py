"""How far an answer can be believed: calibration, prediction sets, and abstaining."""

from __future__ import annotations

from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.metrics.conformal import Abstention, ConformalSets
from derm_cli.evaluation.reporting.tables.table import Figure, Row, Sheet


def calibration_sheet(found: Calibration) -> Sheet:
    """Return how far probabilities can be believed."""
    rows: tuple[Row, ...] = (
        ("expected calibration error %", Figure(found.ece)),
        ("Brier score, 0 to 2", Figure(found.brier, found.intervals.get("brier"), scale=1, decimals=4)),
        ("log loss, nats", Figure(found.log_loss, found.intervals.get("log_loss"), scale=1, decimals=4)),
    )
    return Sheet("calibration", "Whether a probability means what it says", ("calibration", "value"), rows)


def conformal_sheet(sets: ConformalSets) -> Sheet:
    """Return coverage and size of the prediction sets, by class."""
    rows = [("all", Figure(sets.coverage, sets.coverage_interval), Figure(sets.size, scale=1, decimals=2))]
    for name, coverage in sets.coverage_by_class.items():
        size = Figure(sets.size_by_class[name], scale=1, decimals=2)
        rows.append((name, Figure(coverage, sets.intervals_by_class.get(name)), size))
    heading = (
        f"Prediction sets: every class of {sets.threshold:.3f} or more, chosen on {sets.chosen_on} validation "
        f"photographs to hold the true one in {sets.target:.0%}"
    )
    return Sheet("conformal", heading, ("class", "coverage %", "classes in a set"), tuple(rows))


def abstention_sheet(curve: tuple[Abstention, ...]) -> Sheet:
    """Return how those fare that are left when the least confident ones go to a person."""
    rows = tuple(
        (
            Figure(each.answered, decimals=0),
            Figure(each.confidence, scale=1, decimals=3),
            Figure(each.accuracy),
            Figure(each.balanced_accuracy),
        )
        for each in curve
    )
    header = ("answered %", "least confidence", "accuracy %", "balanced accuracy %")
    return Sheet("abstention", "When the least confident go to a person", header, rows)
