"""The reliability diagram: accuracy over confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.reporting.plots.figures import INK, Plot, as_svg
from derm_cli.evaluation.reporting.plots.line_styles import COLOURS
from derm_cli.evaluation.reporting.plots.threshold_curves import unit_square

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def reliability_diagram(calibration: Calibration) -> Plot:
    """Draw accuracy over confidence, a point a bin, the larger the more cases it has, with its interval."""

    def draw(axes: Axes) -> None:
        bins = calibration.bins
        most = max(each.cases for each in bins)
        confidence, accuracy = [each.confidence for each in bins], [each.accuracy for each in bins]
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, alpha=0.5)
        for each in bins:
            if (interval := each.interval) is not None:
                ends = [interval.low, interval.high]
                axes.plot([each.confidence] * 2, ends, color=COLOURS[0], linewidth=1, alpha=0.6)
            axes.annotate(
                str(each.cases), (each.confidence, each.accuracy), (6, 3), textcoords="offset points", fontsize=7
            )
        axes.scatter(confidence, accuracy, s=[12 + 90 * each.cases / most for each in bins], color=COLOURS[0])
        unit_square(axes, "confidence", "accuracy")

    return Plot(
        "reliability",
        "Reliability diagram: a point a bin of confidence, with its cases",
        as_svg(draw, "reliability"),
        "Confidence is the probability of the predicted class. On the diagonal it means what it says; below, the "
        "classifier is surer than it is right. A line through a point is its 95 % interval; "
        "a point of too few cases has none.",
    )
