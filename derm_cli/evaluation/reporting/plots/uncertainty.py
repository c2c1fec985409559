"""Whether an answer can be relied on: reliability, and what abstaining gains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from derm_cli.evaluation.metrics.abstention import SelectivePoint
from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.reporting.plots.canvas import COLOURS, DASHED, INK, Mark, Picture, as_svg, line_style
from derm_cli.evaluation.reporting.plots.curves import unit_square
from derm_cli.evaluation.resampling import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACCURACY, BALANCED = 0, DASHED


def reliability_picture(calibration: Calibration) -> Picture:
    """Draw accuracy over confidence, a point a bin, the larger the more cases it has, with Wilson's interval."""

    def draw(axes: Axes) -> None:
        bins = calibration.bins
        most = max(each.cases for each in bins)
        confidence, accuracy = [each.confidence for each in bins], [each.accuracy for each in bins]
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, alpha=0.5)
        for each in bins:
            ends = wilson_interval(each.accuracy * each.cases, each.cases)
            assert ends is not None
            axes.plot([each.confidence] * 2, [ends.low, ends.high], color=COLOURS[0], linewidth=1, alpha=0.6)
            axes.annotate(
                str(each.cases), (each.confidence, each.accuracy), (6, 3), textcoords="offset points", fontsize=7
            )
        axes.scatter(confidence, accuracy, s=[12 + 90 * each.cases / most for each in bins], color=COLOURS[0])
        unit_square(axes, "confidence", "accuracy")

    return Picture(
        "reliability",
        "Reliability: a point a bin of confidence, with its cases",
        as_svg(draw, "reliability"),
        "Confidence is the probability of the class that is said. On the diagonal it means what it says; below, the "
        "classifier is surer than it is right. A line through a point is its 95 % interval (Wilson).",
    )


def abstention_picture(curve: Sequence[SelectivePoint]) -> Picture:
    """Draw how the accuracy rises as fewer cases are answered."""

    def draw(axes: Axes) -> None:
        answered = [each.answered for each in curve]
        axes.plot(answered, [each.accuracy for each in curve], **line_style(ACCURACY))
        axes.plot(answered, [each.balanced_accuracy for each in curve], **line_style(BALANCED))
        unit_square(axes, "share of the photographs that are answered", "accuracy of the answers")

    return Picture(
        "abstention",
        "Accuracy of the answers, by how many are answered",
        as_svg(draw, "abstention"),
        "At the right all photographs are answered; further left the least confident go to a person. A line that rises "
        "to the left says that confidence tells right answers from wrong ones.",
        (Mark(ACCURACY, "accuracy"), Mark(BALANCED, "balanced accuracy, over the classes that are left")),
    )
