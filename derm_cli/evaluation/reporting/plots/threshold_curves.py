"""ROC and precision-recall curves of each class against all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.plots.figures import INK, Plot, as_svg
from derm_cli.evaluation.reporting.plots.line_styles import LegendEntry, line_style
from derm_cli.evaluation.reporting.tables.table import Number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]
Curve = Callable[[npt.NDArray[np.bool_], Floats], tuple[Floats, Floats]]
"""From whether each case is of a class, and its probability of it, to the points of a curve: their x and y."""
POINTS = 200
"""The most points of a curve: more cannot be seen, and would make a page of a hundred thousand cases heavy."""


def roc_plot(predictions: Predictions, evaluation: Evaluation) -> Plot | None:
    """Draw the ROC curve of each class against all others; None where no class has one."""
    from sklearn.metrics import roc_curve

    def curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
        false_positive_rate, sensitivity, _ = roc_curve(truth, scores)
        return false_positive_rate, sensitivity

    class_indices = _with_curve(predictions)
    if not class_indices:
        return None
    return Plot(
        "roc",
        "ROC curve of each class",
        _class_curves(predictions, class_indices, curve, "roc", ("1 - specificity", "sensitivity"), steps=False),
        "Each point of a curve is a threshold for the probability of the class. The nearer to the upper left corner, "
        "the better; on the diagonal it is chance. The legend has the area under the curve (AUC).",
        _legend(predictions, evaluation, class_indices, "auc", "AUC"),
    )


def precision_recall_plot(predictions: Predictions, evaluation: Evaluation) -> Plot | None:
    """Draw precision over recall for each class against all others; None where no class has them."""
    from sklearn.metrics import precision_recall_curve

    def curve(truth: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
        precision, recall, _ = precision_recall_curve(truth, scores)
        # scikit-learn ends the curve at a precision of 1, which no threshold gives.
        precision[-1] = precision[-2]
        # Of thresholds with the same recall, the highest: the area below the steps is then the average precision.
        last_of_recall = np.append(np.diff(recall) != 0, True)
        return recall[last_of_recall], precision[last_of_recall]

    class_indices = _with_curve(predictions)
    if not class_indices:
        return None
    labels = ("sensitivity (recall)", "PPV (precision)")
    return Plot(
        "pr",
        "Precision-recall curve of each class",
        _class_curves(predictions, class_indices, curve, "pr", labels, steps=True),
        "The nearer to the upper right corner, the better. Chance is a level line at the share of the class among the "
        "cases, so the curve of a rare class lies low. The legend has the average precision (AP) and that share.",
        _legend(predictions, evaluation, class_indices, "average_precision", "AP", share=True),
    )


def _with_curve(predictions: Predictions) -> list[int]:
    """Return the indices of the classes that have a curve: probabilities, and cases on both sides."""
    probabilities, labels = predictions.probabilities, predictions.labels
    if probabilities is None:
        return []
    return [
        index
        for index, name in enumerate(predictions.classes)
        if 0 < (labels == name).sum() < len(labels) and not np.isnan(probabilities[:, index]).any()
    ]


def _legend(
    predictions: Predictions,
    evaluation: Evaluation,
    class_indices: list[int],
    metric: str,
    title: str,
    *,
    share: bool = False,
) -> tuple[LegendEntry, ...]:
    entries = []
    for index in class_indices:
        metrics = evaluation.per_class[predictions.classes[index]]
        text = f"{title} {shown(Number(getattr(metrics, metric), metrics.intervals.get(metric)))} %"
        text += f"; share {100 * metrics.support / evaluation.cases:.1f} %" if share else ""
        entries.append(LegendEntry(index, predictions.classes[index], text))
    return tuple(entries)


def _class_curves(
    predictions: Predictions, class_indices: list[int], curve: Curve, name: str, labels: tuple[str, str], *, steps: bool
) -> str:
    probabilities = predictions.probabilities
    assert probabilities is not None

    def draw(axes: Axes) -> None:
        if not steps:
            axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, alpha=0.5)
        for index in class_indices:
            x, y = curve(predictions.labels == predictions.classes[index], probabilities[:, index])
            points = _thinned(x, y)
            axes.plot(
                x[points],
                y[points],
                linewidth=1.4,
                drawstyle="steps-post" if steps else "default",
                **line_style(index),
            )
        unit_square(axes, *labels)

    return as_svg(draw, name)


def _thinned(x: Floats, y: Floats) -> npt.NDArray[np.intp]:
    """Return the indices of points that are evenly spread along a curve, its ends among them."""
    if len(x) <= POINTS:
        return np.arange(len(x))
    length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    return np.unique(np.searchsorted(length, np.linspace(0, length[-1], POINTS)).clip(max=len(x) - 1))


def unit_square(axes: Axes, x_label: str, y_label: str) -> None:
    """Give axes both ranges from 0 to 1, a little room around, and labels."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
