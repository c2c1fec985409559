"""The pictures of a study's report: which class gained by which row, and worth against cost."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from derm_cli.errors import one_line
from derm_cli.evaluation.metrics.paired import PairedComparison
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.evaluation.reporting.plots.figures import INK, Plot, as_svg
from derm_cli.evaluation.reporting.plots.line_styles import COLOURS
from derm_cli.fitting import broken
from derm_cli.studies.judging.pareto import ParetoFront, WorthPoint
from derm_cli.studies.reporting.report_tables import CHANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

MOST_ROWS = 40
"""Rows of a picture; those of the largest changes are drawn."""
LONGEST = 48
"""Letters of a row's name in a picture, at most: of a longer one the middle is left out."""
_LETTER = 0.08
"""Inches of a letter of nine points, as wide as any common font has them on average."""
_SQUARE, _TICK, _EDGE = 0.45, 0.15, 0.15
"""Inches of a square of the picture, of what is between it and its label, and of what is beyond that."""
FAINT = 0.35
"""How much of a square is drawn that may be chance."""
MOST_NAMED = 8
"""Points of a picture up to which each has its name beside it."""
HALF = 28
"""Letters for which a picture has room on each side of its middle."""


def class_changes_plot(reference: str, comparisons: Mapping[str, PairedComparison]) -> Plot | None:
    """Draw by how much each class gained or lost in F1 in each row; None where no class has a difference.

    Faint is what may be chance, where the differences have intervals.
    """
    values = {name: _changes(each) for name, each in comparisons.items()}
    values = {name: each for name, each in values.items() if not np.isnan(each).all()}
    if not values:
        return None
    names = sorted(values, key=lambda name: -float(np.nanmax(np.abs(values[name]))))[:MOST_ROWS]
    names = [name for name in values if name in names]
    classes = list(next(iter(comparisons.values())).per_class)
    table = 100 * np.stack([values[name] for name in names])
    largest = max(float(np.nanmax(np.abs(table))), 1e-9)
    may_be_chance = np.stack([_may_be_chance(comparisons[name]) for name in names])

    def draw(axes: Axes) -> None:
        from matplotlib.figure import Figure

        axes.grid(False)
        for row, column in np.ndindex(*table.shape):
            value = float(table[row, column])
            if np.isnan(value):
                continue
            side = 0.62 * float(np.sqrt(abs(value) / largest))
            colour = COLOURS[0] if value >= 0 else COLOURS[2]
            square = _square(column, row - 0.12, side, colour, filled=value >= 0)
            square.set_alpha(FAINT if may_be_chance[row, column] else 1)
            axes.add_patch(square)
            axes.text(
                column,
                row + 0.22,
                f"{round(value):+d}".replace("+0", "0"),
                ha="center",
                va="top",
                fontsize=7,
                color=INK,
            )
        axes.set_xlim(-0.5, len(classes) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xticks(range(len(classes)), [one_line(each) for each in classes], rotation=45, ha="right")
        axes.set_yticks(range(len(names)), shown)
        # By the letters, not by what matplotlib measures: the page is drawn with the fonts of who reads it.
        if isinstance(axes.figure, Figure):
            axes.figure.set_layout_engine("none")
        axes.set_position((left / width, below / height, wide / width, high / height))

    shown = [_short(name) for name in names]
    wide, high = _SQUARE * len(classes), _SQUARE * len(names)
    # A label that is turned by 45 degrees takes as much below as to the left of its own column.
    below = _EDGE + _TICK + _longest(map(one_line, classes)) / 2**0.5
    left = max(_EDGE + _TICK + _longest(shown), below)
    width, height = left + wide + _EDGE, below + high + _EDGE
    return Plot(
        "class-changes",
        f"Changes by class: points of F1 more than {reference}",
        as_svg(draw, "class-changes", width, height),
        "A filled square is a class that gained, an empty one a class that lost; its area is how much. "
        f"{'A faint one may be chance: its interval holds 0. ' if may_be_chance.any() else ''}The table below has the "
        "same numbers.",
        width=int(96 * width),
    )


def pareto_plot(front: ParetoFront) -> Plot:
    """Draw rows by worth against a cost, with intervals: the front joined, what may belong to it hollow.

    Of more than :data:`MOST_NAMED` rows those of the front alone are named, and :data:`MOST_ROWS` others at most are
    drawn, the best first.
    """
    on_front = [point for name in front.front if (point := front.point(name)) is not None]
    others = sorted((point for point in front.points if point.row not in front.front), key=lambda each: -each.worth)
    named = [*on_front, *others] if len(front.points) <= MOST_NAMED else on_front
    costs = sorted(each.cost for each in (*on_front, *others[:MOST_ROWS]))
    kinds = (
        (on_front, COLOURS[0], COLOURS[0]),
        ([each for each in others[:MOST_ROWS] if front.open_beside(each.row)], COLOURS[0], "none"),
        ([each for each in others[:MOST_ROWS] if not front.open_beside(each.row)], COLOURS[4], COLOURS[4]),
    )

    def draw(axes: Axes) -> None:
        for points, colour, filled in kinds:
            if not points:
                continue
            axes.errorbar(
                [each.cost for each in points],
                [100 * each.worth for each in points],
                xerr=_lengths([(each.cost, each.cost_low, each.cost_high) for each in points]),
                yerr=_lengths([_percents(each) for each in points]),
                fmt="o",
                markersize=5,
                color=colour,
                markerfacecolor=filled,
                elinewidth=0.7,
            )
        axes.plot(
            [each.cost for each in on_front], [100 * each.worth for each in on_front], color=COLOURS[2], linewidth=1
        )
        for each in named:
            # The line rises to the right: left above it, and right below it, is room.
            on_the_right = 2 * each.cost > costs[0] + costs[-1]
            axes.annotate(
                "\n".join(broken(_short(each.row), HALF)),
                (each.cost, 100 * each.worth),
                textcoords="offset points",
                xytext=(-5, 5) if on_the_right else (5, -5),
                ha="right" if on_the_right else "left",
                va="bottom" if on_the_right else "top",
                fontsize=7,
            )
        axes.set_xlabel(one_line(front.cost))
        axes.set_ylabel("macro F1, %")

    reading = (
        "Each point is a row, with 95 % intervals. Those on the line are beaten by no other in both. Hollow ones are "
        "beaten, but the data cannot tell them from the row that beats them; grey ones are beaten by more than chance. "
    )
    under = f" Measured under: {one_line(front.under)}." if front.under else ""
    return Plot(
        f"worth-{front.name}",
        f"Macro F1 against {front.cost}",
        as_svg(draw, f"worth-{front.name}"),
        f"{reading}{front.sentence}{under}",
    )


def _percents(point: WorthPoint) -> tuple[float, float, float]:
    low, high = (point.interval.low, point.interval.high) if point.interval else (point.worth, point.worth)
    return 100 * point.worth, 100 * low, 100 * high


def _lengths(values: Sequence[tuple[float, float, float]]) -> np.typing.NDArray[np.float64]:
    """Return how far the ends of intervals are from their values, as bars are drawn."""
    return np.array([[max(value - low, 0), max(high - value, 0)] for value, low, high in values]).T


def _changes(comparison: PairedComparison) -> np.typing.NDArray[np.float64]:
    found = _of_classes(comparison)
    return np.array([np.nan if each is None or each.difference is None else each.difference for each in found])


def _may_be_chance(comparison: PairedComparison) -> np.typing.NDArray[np.bool_]:
    """Tell of each class whether the interval of its change holds 0; of one without an interval nothing is told."""
    intervals = [each.interval if each else None for each in _of_classes(comparison)]
    return np.array([each is not None and each.low <= 0 <= each.high for each in intervals])


def _of_classes(comparison: PairedComparison) -> list[MetricDifference | None]:
    of_classes = comparison.per_class.values()
    return [next((each for each in differences if each.name == CHANGE), None) for differences in of_classes]


def _square(column: float, row: float, side: float, colour: str, *, filled: bool) -> Patch:
    from matplotlib.patches import Rectangle

    corner = (column - side / 2, row - side / 2)
    return Rectangle(corner, side, side, facecolor=colour if filled else "none", edgecolor=colour, linewidth=1)


def _longest(names: Iterable[str]) -> float:
    """Return the inches of the longest name, by how wide its letters are."""
    return _LETTER * max(sum(map(_letters, name)) for name in names)


def _letters(letter: str) -> float:
    """Return of how many average letters a letter has the width: those of East Asia that of two."""
    if unicodedata.east_asian_width(letter) in "WF":
        return 2.0
    return 1.6 if letter in "MW@%" else 1.25 if letter.isupper() else 1.0


def _short(name: str) -> str:
    name = one_line(name)
    end = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[: LONGEST - end - 1]}…{name[-end:]}"
