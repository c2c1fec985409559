"""Selective prediction: the accuracy of the answers as the least confident cases are left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from derm_cli.evaluation.metrics.selective_prediction import SelectivePoint
from derm_cli.evaluation.reporting.plots.figures import Plot, as_svg
from derm_cli.evaluation.reporting.plots.line_styles import DASHED, LegendEntry, line_style
from derm_cli.evaluation.reporting.plots.threshold_curves import unit_square

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACCURACY, BALANCED = 0, DASHED
BAND = 0.15
"""How dense the band of a curve is: that of one shows through that of the other."""


def selective_prediction_plot(curve: Sequence[SelectivePoint]) -> Plot:
    """Draw how the accuracy rises as fewer cases are answered."""

    def draw(axes: Axes) -> None:
        answered = [each.answered for each in curve]
        for style, name in ((ACCURACY, "accuracy"), (BALANCED, "balanced_accuracy")):
            banded = [(each.answered, each.intervals[name]) for each in curve if name in each.intervals]
            if banded:
                shares, intervals = zip(*banded, strict=True)
                low, high = [each.low for each in intervals], [each.high for each in intervals]
                axes.fill_between(shares, low, high, color=line_style(style)["color"], alpha=BAND, linewidth=0)
        axes.plot(answered, [each.accuracy for each in curve], **line_style(ACCURACY))
        axes.plot(answered, [each.balanced_accuracy for each in curve], **line_style(BALANCED))
        unit_square(axes, "share of the photographs that are answered", "accuracy of the answers")

    return Plot(
        "abstention",
        "Accuracy of the answers, by how many are answered",
        as_svg(draw, "abstention"),
        "At the right all photographs are answered; further left the least confident go to a person. A line that rises "
        "to the left says that confidence tells right answers from wrong ones. Bands are 95 % intervals.",
        (LegendEntry(ACCURACY, "accuracy"), LegendEntry(BALANCED, "balanced accuracy, over the classes that are left")),
    )
