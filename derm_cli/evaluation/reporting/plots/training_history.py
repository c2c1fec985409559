"""Losses and validation accuracy of a training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.reporting.plots.figures import INK, Plot, as_svg
from derm_cli.evaluation.reporting.plots.line_styles import DASHED, LegendEntry, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Epochs = Sequence[dict[str, str]]
WIDTH = 7.4
"""Inches."""
MOST_NUMBERED = 40
"""The most phases whose numbers stand above the plot: more would lie over each other."""
TRAINING, VALIDATION, BALANCED = 0, DASHED, 2


def training_history_plot(epochs: Epochs) -> Plot | None:
    """Draw a run's losses and, below, its validation accuracy, stages and phases marked; None without an epoch.

    ``epochs`` are the rows of history.csv.
    """
    if not epochs:
        return None
    from matplotlib.ticker import MaxNLocator

    numbers = np.arange(1, len(epochs) + 1)
    validation, balanced = _column(epochs, "validation_loss"), _column(epochs, "validation_balanced_accuracy")
    has_validation = not np.isnan(balanced).all()

    def draw(losses: Axes, accuracy: Axes | None = None) -> None:
        losses.plot(numbers, _column(epochs, "loss"), marker=".", markersize=4, **line_style(TRAINING))
        losses.plot(numbers, validation, marker=".", markersize=4, **line_style(VALIDATION))
        losses.set_ylabel("loss, nats")
        losses.set_ylim(bottom=0)
        losses.set_xlim(0.5, len(epochs) + 0.5)
        if accuracy is not None:
            accuracy.plot(numbers, balanced, marker=".", markersize=4, **line_style(BALANCED))
            accuracy.set_ylim(0, 1)
            accuracy.set_ylabel("balanced accuracy")
        lowest = accuracy or losses
        lowest.set_xlabel("epoch")
        lowest.xaxis.set_major_locator(MaxNLocator(integer=True))
        _mark_stages(epochs, [losses, *([accuracy] if accuracy else [])])

    legend = [LegendEntry(TRAINING, "training loss")]
    legend += [] if np.isnan(validation).all() else [LegendEntry(VALIDATION, "validation loss")]
    legend += [LegendEntry(BALANCED, "validation balanced accuracy")] if has_validation else []
    return Plot(
        "history",
        "Losses and validation accuracy by epoch",
        as_svg(draw, "history", width=WIDTH, height=4.6 if has_validation else 2.9, rows=2 if has_validation else 1),
        "A strong line is a new stage, a thin one a new phase; numbers above are those of the phases in the table. "
        "Training losses are of augmented photographs, so they may lie above the validation's.",
        tuple(legend),
        width=int(WIDTH * 96),
    )


def _mark_stages(epochs: Epochs, panels: list[Axes]) -> None:
    """Draw where stages and phases begin, and above the uppermost panel which they are."""
    top, names = panels[0], [(row["stage"], row["phase"]) for row in epochs]
    starts = [epoch for epoch in range(len(names)) if not epoch or names[epoch - 1] != names[epoch]]
    stages = [epoch for epoch in starts if not epoch or names[epoch - 1][0] != names[epoch][0]]
    for panel in panels:
        for epoch in starts[1:]:
            panel.axvline(epoch + 0.5, color=INK, linewidth=1.2 if epoch in stages else 0.5, alpha=0.5)
    for start, end in zip(starts, [*starts[1:], len(names)], strict=True) if len(starts) <= MOST_NUMBERED else ():
        number = f"{int(names[start][1]) + 1}"
        top.annotate(
            number, ((start + end + 1) / 2, 1), (0, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", fontsize=7,
        )  # fmt: skip
    for epoch in stages:
        name = f"{int(names[epoch][0]) + 1} {epochs[epoch].get('stage_name', '')}".strip()
        top.annotate(
            name, (epoch + 0.5, 1), (2, 12), xycoords=("data", "axes fraction"), textcoords="offset points",
            parse_math=False, fontweight="bold", fontsize=8,
        )  # fmt: skip


def _column(epochs: Epochs, name: str) -> npt.NDArray[np.float64]:
    return np.array([float(row.get(name) or "nan") for row in epochs])
