"""Curves: ROC, precision and recall, reliability, abstaining, and a training's history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.metrics.conformal import Abstention
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.showing.drawing.canvas import COLOURS, INK, as_svg, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]
POINTS = 200
"""The most points of a curve: more cannot be seen, and would make a page of a hundred thousand cases heavy."""


def roc_svg(predictions: Predictions) -> str | None:
    """Draw the ROC curve of each class against all others; None where no class has one."""
    from sklearn.metrics import roc_curve

    def curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
        false_alarms, found, _ = roc_curve(truth, scores)
        return false_alarms, found

    return _class_curves(predictions, curve, "roc", ("1 - specificity", "sensitivity"), diagonal=True)


def precision_recall_svg(predictions: Predictions) -> str | None:
    """Draw precision over recall for each class against all others; None where no class has them."""
    from sklearn.metrics import precision_recall_curve

    def curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
        precision, recall, _ = precision_recall_curve(truth, scores)
        return recall, precision

    return _class_curves(predictions, curve, "pr", ("sensitivity (recall)", "PPV (precision)"), diagonal=False)


def _class_curves(
    predictions: Predictions, curve: Any, name: str, labels: tuple[str, str], *, diagonal: bool
) -> str | None:
    found, truth = predictions.probabilities, predictions.labels
    if found is None:
        return None
    places = [
        place
        for place, each in enumerate(predictions.classes)
        if 0 < (truth == each).sum() < len(truth) and not np.isnan(found[:, place]).any()
    ]
    if not places:
        return None

    def draw(axes: Axes) -> None:
        if diagonal:
            axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, alpha=0.5)
        for place in places:
            across, up = curve(truth == predictions.classes[place], found[:, place])
            kept = _thinned(across, up)
            axes.plot(across[kept], up[kept], linewidth=1.3, label=predictions.classes[place], **line_style(place))
        _unit_square(axes, *labels)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)

    return as_svg(draw, name, width=6.2)


def _thinned(across: Floats, up: Floats) -> npt.NDArray[np.intp]:
    """Return the places of points that are evenly spread along a curve, its ends among them."""
    if len(across) <= POINTS:
        return np.arange(len(across))
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(across)) + np.abs(np.diff(up)))])
    return np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)).clip(max=len(across) - 1))


def reliability_svg(calibration: Calibration) -> str:
    """Draw accuracy over confidence, a point a bin, the larger the more cases it has."""

    def draw(axes: Axes) -> None:
        bins = calibration.bins
        most = max(each.cases for each in bins)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, alpha=0.5)
        confidence, accuracy = [each.confidence for each in bins], [each.accuracy for each in bins]
        axes.plot(confidence, accuracy, color=COLOURS[0], linewidth=1)
        axes.scatter(confidence, accuracy, s=[12 + 90 * each.cases / most for each in bins], color=COLOURS[0])
        for each in bins:
            axes.annotate(
                str(each.cases), (each.confidence, each.accuracy), (0, 8), textcoords="offset points", fontsize=7,
                ha="center",
            )  # fmt: skip
        _unit_square(axes, "confidence", "accuracy")

    return as_svg(draw, "reliability")


def abstention_svg(curve: Sequence[Abstention]) -> str:
    """Draw how the accuracy rises as fewer cases are answered."""

    def draw(axes: Axes) -> None:
        answered = [each.answered for each in curve]
        axes.plot(answered, [each.accuracy for each in curve], label="accuracy", **line_style(0))
        axes.plot(answered, [each.balanced_accuracy for each in curve], label="balanced accuracy", **line_style(1))
        _unit_square(axes, "share of the photographs that are answered", "accuracy of the answers")
        axes.legend(loc="lower left", fontsize=8)

    return as_svg(draw, "abstention")


def history_svg(epochs: Sequence[dict[str, str]]) -> str | None:
    """Draw a run's losses and validation accuracy, epoch by epoch, phases marked; None without an epoch.

    ``epochs`` are the rows of history.csv.
    """
    if not epochs:
        return None

    def draw(axes: Axes) -> None:
        numbers = np.arange(1, len(epochs) + 1)
        axes.plot(numbers, _column(epochs, "loss"), label="training loss", **line_style(0))
        validation = _column(epochs, "validation_loss")
        if not np.isnan(validation).all():
            axes.plot(numbers, validation, label="validation loss", **line_style(1))
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss, nats")
        axes.set_ylim(bottom=0)
        accuracy = _column(epochs, "validation_balanced_accuracy")
        if not np.isnan(accuracy).all():
            beside = axes.twinx()
            beside.spines["right"].set_visible(True)
            beside.plot(numbers, accuracy, label="validation balanced accuracy", **line_style(2))
            beside.set_ylim(0, 1)
            beside.set_ylabel("balanced accuracy")
            beside.legend(loc="upper right", fontsize=8)
        for place in range(1, len(epochs)):
            before, here = epochs[place - 1], epochs[place]
            if before["stage"] != here["stage"] or before["phase"] != here["phase"]:
                new_stage = before["stage"] != here["stage"]
                axes.axvline(place + 0.5, color=INK, linewidth=1.0 if new_stage else 0.4, alpha=0.5)
        axes.legend(loc="upper left", fontsize=8)

    return as_svg(draw, "history", width=7.4, height=3.4)


def _column(epochs: Sequence[dict[str, str]], name: str) -> Floats:
    return np.array([float(row.get(name) or "nan") for row in epochs])


def _unit_square(axes: Axes, across: str, up: str) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
