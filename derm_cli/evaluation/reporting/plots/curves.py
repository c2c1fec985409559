"""Curves over every threshold: ROC, and precision over recall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.plots.canvas import INK, Mark, Picture, as_svg, line_style
from derm_cli.evaluation.reporting.tables.table import Number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]
POINTS = 200
"""The most points of a curve: more cannot be seen, and would make a page of a hundred thousand cases heavy."""


def roc_picture(predictions: Predictions, evaluation: Evaluation) -> Picture | None:
    """Draw the ROC curve of each class against all others; None where no class has one."""
    from sklearn.metrics import roc_curve

    def curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
        false_alarms, found, _ = roc_curve(truth, scores)
        return false_alarms, found

    places = _drawn(predictions)
    if not places:
        return None
    return Picture(
        "roc",
        "ROC: each class against all others",
        _class_curves(predictions, places, curve, "roc", ("1 - specificity", "sensitivity"), steps=False),
        "Each point of a curve is a threshold for the probability of the class. The nearer to the upper left corner, "
        "the better; on the diagonal it is chance. The legend has the area under the curve (AUC).",
        _legend(predictions, evaluation, places, "auc", "AUC"),
    )


def precision_recall_picture(predictions: Predictions, evaluation: Evaluation) -> Picture | None:
    """Draw precision over recall for each class against all others; None where no class has them."""
    from sklearn.metrics import precision_recall_curve

    def curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
        precision, recall, _ = precision_recall_curve(truth, scores)
        # scikit-learn ends the curve at a precision of 1, which no threshold gives.
        precision[-1] = precision[-2]
        # Of thresholds with the same recall, the highest: the area below the steps is then the average precision.
        kept = np.append(np.diff(recall) != 0, True)
        return recall[kept], precision[kept]

    places = _drawn(predictions)
    if not places:
        return None
    labels = ("sensitivity (recall)", "PPV (precision)")
    return Picture(
        "pr",
        "Precision and recall: each class against all others",
        _class_curves(predictions, places, curve, "pr", labels, steps=True),
        "The nearer to the upper right corner, the better. Chance is a level line at the share of the class among the "
        "cases, so the curve of a rare class lies low. The legend has the average precision (AP) and that share.",
        _legend(predictions, evaluation, places, "average_precision", "AP", share=True),
    )


def _drawn(predictions: Predictions) -> list[int]:
    """Return the places of the classes that have a curve: probabilities, and cases on both sides."""
    found, truth = predictions.probabilities, predictions.labels
    if found is None:
        return []
    return [
        place
        for place, each in enumerate(predictions.classes)
        if 0 < (truth == each).sum() < len(truth) and not np.isnan(found[:, place]).any()
    ]


def _legend(
    predictions: Predictions, evaluation: Evaluation, places: list[int], figure: str, name: str, *, share: bool = False
) -> tuple[Mark, ...]:
    marks = []
    for place in places:
        each = evaluation.per_class[predictions.classes[place]]
        said = f"{name} {shown(Number(getattr(each, figure), each.intervals.get(figure)))} %"
        said += f"; share {100 * each.support / evaluation.cases:.1f} %" if share else ""
        marks.append(Mark(place, predictions.classes[place], said))
    return tuple(marks)


def _class_curves(
    predictions: Predictions, places: list[int], curve: Any, name: str, labels: tuple[str, str], *, steps: bool
) -> str:
    found, truth = predictions.probabilities, predictions.labels
    assert found is not None

    def draw(axes: Axes) -> None:
        if not steps:
            axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, alpha=0.5)
        for place in places:
            across, up = curve(truth == predictions.classes[place], found[:, place])
            kept = _thinned(across, up)
            axes.plot(
                across[kept],
                up[kept],
                linewidth=1.4,
                drawstyle="steps-post" if steps else "default",
                **line_style(place),
            )
        unit_square(axes, *labels)

    return as_svg(draw, name)


def _thinned(across: Floats, up: Floats) -> npt.NDArray[np.intp]:
    """Return the places of points that are evenly spread along a curve, its ends among them."""
    if len(across) <= POINTS:
        return np.arange(len(across))
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(across)) + np.abs(np.diff(up)))])
    return np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)).clip(max=len(across) - 1))


def unit_square(axes: Axes, across: str, up: str) -> None:
    """Give axes both ranges from 0 to 1, a little room around, and names."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
