"""The confusion matrix of an evaluation as a PNG file: confusion.png of a run."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.reporting.plots.figures import matplotlib_settings, new_figure
from derm_cli.files import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = 0.62
"""Inches a class takes on either side: room for a count over a percentage."""
MOST_NAMED = 100
"""The most classes that are named, with numbers in their cells: their number grows with the square of the classes."""


def draw_confusion(evaluation: Evaluation, path: Path, title: str, *, synthetic: bool) -> None:
    """Draw true classes by row and predicted classes by column as a PNG; whole or not at all.

    A cell gives the count and its share of the row in percent, and is the darker the larger the share; the row of a
    class without a case stays blank.  With more than :data:`MOST_NAMED` classes colours alone are shown.  ``synthetic``
    puts into the title that the photographs are synthetic.
    """
    size = _matrix_inches(evaluation)
    figure, (axes,) = new_figure(size + 2.6, size + 2.0)
    _draw(axes, evaluation)
    heading = f"{title}, synthetic photographs" if synthetic else title
    axes.set_title("\n".join(textwrap.wrap(heading, max(36, int(9 * size)))), parse_math=False)
    with matplotlib_settings(), whole(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)


def _matrix_inches(evaluation: Evaluation) -> float:
    classes = len(evaluation.classes)
    return max(3.0, CELL * classes) if classes <= MOST_NAMED else CELL * MOST_NAMED / 4


def _draw(axes: Axes, evaluation: Evaluation) -> None:
    counts, classes = evaluation.counts, evaluation.classes
    support = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(support, 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    is_named = len(classes) <= MOST_NAMED
    # Names are text, never formulas: a '$' in one stands for itself.
    names = classes if is_named else ()
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor", parse_math=False)
    rows = [f"{name} ({evaluation.per_class[name].support})" for name in names]
    axes.set_yticks(range(len(rows)), rows, parse_math=False)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class (test photographs)")
    for row, column in np.argwhere(np.broadcast_to(support > 0, counts.shape)) if is_named else ():
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{counts[row, column]}\n{100 * share:.0f} %" if counts[row, column] else "0",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if share > 0.66 else "black" if share else "0.6",
        )
    assert axes.figure is not None
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.6, ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0 %", "50 %", "100 %"])
    bar.set_label("share of the true class")
