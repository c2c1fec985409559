"""The decision curve: net benefit over the threshold, beside that of referring all and nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.evaluation.metrics.decision_curve import DecisionCurve
from derm_cli.evaluation.reporting.plots.figures import INK, Plot, as_svg
from derm_cli.evaluation.reporting.plots.line_styles import COLOURS, DASHED, LegendEntry, line_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MODEL, ALL = 0, DASHED


def decision_curve_plot(curve: DecisionCurve) -> Plot:
    """Draw the net benefit of the probability, with its interval, and of referring all; nobody is the line at 0."""

    def draw(axes: Axes) -> None:
        thresholds = [100 * point.threshold for point in curve.points]
        band = [interval for point in curve.points if (interval := point.intervals.get("net_benefit"))]
        if len(band) == len(thresholds):
            low, high = [100 * each.low for each in band], [100 * each.high for each in band]
            axes.fill_between(thresholds, low, high, color=COLOURS[0], alpha=0.15, linewidth=0)
        axes.axhline(0, color=INK, linewidth=0.6, alpha=0.5)
        axes.plot(thresholds, [100 * point.net_benefit for point in curve.points], **line_style(MODEL))
        axes.plot(thresholds, [100 * point.refer_all for point in curve.points], **line_style(ALL))
        most = 100 * curve.malignant / curve.cases
        axes.set_xlim(0, 50)
        axes.set_ylim(-most / 4, most * 1.05)
        axes.set_xlabel("probability of malignant from which is referred, %")
        axes.set_ylabel("net benefit, per 100 cases")

    return Plot(
        "decision-curve",
        "Decision curve: net benefit by who is referred",
        as_svg(draw, "decision-curve"),
        "At the threshold t whoever refers takes one malignant lesion found for worth (1 - t) / t others referred in "
        "vain. The classifier is of use where its line is above both others: that of referring all, and 0, that of "
        "referring nobody. The band is its 95 % interval.",
        (LegendEntry(MODEL, "by the probability"), LegendEntry(ALL, "all are referred")),
    )
