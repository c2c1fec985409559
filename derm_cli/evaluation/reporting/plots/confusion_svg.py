"""The confusion matrix as SVG for a page: a screen reader reads its cells, and it takes the page's colours."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.reporting.plots.figures import Plot

LARGE, SMALL = 44, 30
"""Pixels of a cell: room for a count over a percentage, or for the count alone."""
FEW = 16
"""The most classes whose cells are large."""
LETTER = 7.2
"""Pixels that a letter takes at most, of a text of 12 pixels."""
LONGEST = 24
"""Letters of a name that are shown; all of it is told by the cell."""
STRONGEST = 0.6
"""How opaque a cell is that has its whole row: text on it must be read still."""
MOST_EMPTY = 100
"""The most classes of which the cells without a case are drawn: their number grows with the square of the classes."""
SHORT = 5
"""Letters of a name that stands level above its column."""


def confusion_plot(evaluation: Evaluation) -> Plot:
    """Draw true classes by row and predicted classes by column.

    A cell gives the count and its share of the row in percent, and is the stronger the larger the share; the row of a
    class without a case stays blank.  With many classes the share is told by colour, and where a mouse rests.
    """
    grid = _Grid.of(evaluation)
    return Plot(
        "confusion",
        "Counts, and shares of the true class",
        _svg(evaluation, grid),
        "A row is a true class with its number of cases, a column a predicted one. A cell has the number of cases and "
        "their share of the row, and is the stronger the larger that is; right answers are framed.",
        width=grid.width,
        accessible=True,
    )


@dataclass(frozen=True)
class _Grid:
    """The layout of the matrix in pixels: cells of ``side`` begin at ``left`` and ``top``."""

    side: int
    left: int
    top: int
    width: int
    height: int
    level: bool

    @classmethod
    def of(cls, evaluation: Evaluation) -> _Grid:
        classes = evaluation.classes
        side = LARGE if len(classes) <= FEW else SMALL
        longest = max(len(_short(name)) for name in classes)
        level = longest <= SHORT and side == LARGE
        slope = 0 if level else int(0.71 * LETTER * longest)
        left, top, length = 36 + int(LETTER * (longest + 5)), 40 + slope, side * len(classes)
        return cls(side, left, top, left + length + max(8, slope), top + length + 4, level)


def _svg(evaluation: Evaluation, grid: _Grid) -> str:
    classes, counts = evaluation.classes, evaluation.counts.tolist()
    left, top, side = grid.left, grid.top, grid.side
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {grid.width} {grid.height}" width="{grid.width}" '
        f'height="{grid.height}" role="table" aria-label="True classes by row, predicted classes by column" '
        'font-family="sans-serif" font-size="12" fill="currentColor">',
        f'<text x="{left}" y="12" font-size="11" aria-hidden="true">predicted class</text>',
        f'<text transform="translate(12 {top}) rotate(-90)" text-anchor="end" font-size="11" '
        'aria-hidden="true">true class</text>',
        f'<g role="row"><text role="columnheader" x="{left - 8}" y="{top - 8}" font-size="1" fill="none">'
        "true class</text>",
        *(_column_name(name, left + side * (column + 0.5), grid) for column, name in enumerate(classes)),
        "</g>",
    ]
    for class_index, (name, row) in enumerate(zip(classes, counts, strict=True)):
        y = top + side * class_index
        # Isolated, so that a name that is written from right to left does not take the count with it.
        parts.append(
            f'<g role="row"><text role="rowheader" x="{left - 8}" y="{y + side / 2 + 4:g}" text-anchor="end">'
            f"\u2068{escape(_short(name))}\u2069 ({sum(row)})</text>"
        )
        parts += [
            _cell((name, predicted), (count, sum(row)), (left + side * column, y), side)
            for column, (predicted, count) in enumerate(zip(classes, row, strict=True))
            if count or len(classes) <= MOST_EMPTY
        ]
        parts.append("</g>")
    return "".join([*parts, "</svg>"])


def _column_name(name: str, x: float, grid: _Grid) -> str:
    y = grid.top - 8
    position = (
        f'x="{x:g}" y="{y}" text-anchor="middle"' if grid.level else f'transform="translate({x:g} {y}) rotate(-45)"'
    )
    return f'<text role="columnheader" {position}>{escape(_short(name))}</text>'


def _cell(names: tuple[str, str], counts: tuple[int, int], corner: tuple[int, int], side: int) -> str:
    (name, predicted), (count, cases), (x, y) = names, counts, corner
    share = count / cases if cases else 0.0
    label = (
        f"{count} of {cases} of {name} ({100 * share:.0f} %) predicted as {predicted}"
        if cases
        else f"no case of {name}"
    )
    frame = 'stroke="currentColor" stroke-width="1.5"' if name == predicted else 'stroke="var(--rule, #d0d7de)"'
    body = (
        f'<rect x="{x + 1}" y="{y + 1}" width="{side - 2}" height="{side - 2}" rx="2" '
        f'fill="var(--heat, #2f7fd0)" fill-opacity="{STRONGEST * share:.3g}" {frame}/>'
    )
    lines = [(f"{count}", 12), *([(f"{100 * share:.0f} %", 10)] if side == LARGE and count else [])] if cases else []
    for line, (text, size) in enumerate(lines):
        below = y + side / 2 + (4 if len(lines) == 1 else -2 + 14 * line)
        faint = "" if count else ' fill-opacity="0.6"'
        body += f'<text x="{x + side / 2:g}" y="{below:g}" text-anchor="middle" font-size="{size}"{faint}>{text}</text>'
    # The title is shown where a mouse rests, and the label read aloud.
    return f'<g role="cell" aria-label="{escape(label)}"><title>{escape(label)}</title>{body}</g>'


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
