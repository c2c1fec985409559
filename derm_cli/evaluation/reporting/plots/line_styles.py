"""Colours and dashes of curves that can be told apart in light and dark, and by people with colour blindness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COLOURS = ("#004488", "#b8860b", "#661100", "#4a8df0", "#767676")
"""Few, so that those who lack one kind of cone tell any two apart, on white: tests hold the distances."""
DARK_PAGE_COLOURS = ("#6aa5ff", "#ffe066", "#d55e00", "#e6e9ec", "#6f7680")
"""The same for a dark page."""
DASHES = ((), (3.7, 1.6), (1, 1.65), (6.4, 1.6, 1, 1.6), (6.4, 1.6, 1, 1.6, 1, 1.6), (9, 2))
"""Strokes and gaps of a line, in widths of it."""
DASHED = len(COLOURS) + 1
"""The index of a curve that no colour is needed for to tell it from the first."""
LEGEND_LINE_WIDTH = 2
"""Pixels of a line in a legend."""


@dataclass(frozen=True)
class LegendEntry:
    """A line of a legend: the curve of ``index``, its name, and a value such as its AUC."""

    index: int
    name: str
    value: str = ""

    @property
    def colour(self) -> str:
        """The colour in CSS."""
        return css_colour(self.index % len(COLOURS))

    @property
    def dashes(self) -> str:
        """The dashes in SVG, of a line that is :data:`LEGEND_LINE_WIDTH`."""
        return " ".join(f"{LEGEND_LINE_WIDTH * length:g}" for length in _dashes(self.index))


def line_style(index: int) -> dict[str, Any]:
    """Return matplotlib's colour and dashes of the curve of ``index``: no two of the first 30 are alike."""
    dashes = _dashes(index)
    return {"color": COLOURS[index % len(COLOURS)], "linestyle": (0, dashes) if dashes else "-"}


def css_colour(index: int) -> str:
    """Return a colour in CSS, which a page may set as ``--curve-0`` and so on."""
    return f"var(--curve-{index}, {COLOURS[index]})"


def _dashes(index: int) -> tuple[float, ...]:
    return DASHES[index // len(COLOURS) % len(DASHES)]
