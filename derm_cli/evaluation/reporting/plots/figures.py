"""Figures without a display, and as SVG that a page can take in."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"
"""What is drawn in this colour takes that of the text around the picture, in light and in dark."""
COLOURS = ("#004488", "#b8860b", "#661100", "#4a8df0", "#767676")
"""Few, so that those who lack one kind of cone tell any two apart, on white: tests hold the distances."""
BRIGHT = ("#6aa5ff", "#ffe066", "#d55e00", "#e6e9ec", "#6f7680")
"""The same for a dark page."""
DASHES = ((), (3.7, 1.6), (1, 1.65), (6.4, 1.6, 1, 1.6), (6.4, 1.6, 1, 1.6, 1, 1.6), (9, 2))
"""Strokes and gaps of a line, in widths of it."""
DASHED = len(COLOURS) + 1
"""The place of a curve that no colour is needed for to tell it from the first."""
THICK = 2
"""Units of a line in a legend."""


@dataclass(frozen=True)
class Mark:
    """A line of a legend: the curve at ``place``, drawn by :func:`line_style`, and what it is, with its figure."""

    place: int
    name: str
    figure: str = ""

    @property
    def colour(self) -> str:
        """The colour in CSS."""
        return _variable(self.place % len(COLOURS))

    @property
    def dashes(self) -> str:
        """The dashes in SVG, of a line that is :data:`THICK`."""
        return " ".join(f"{THICK * each:g}" for each in _dashes(self.place))


@dataclass(frozen=True)
class Picture:
    """A picture on a page: ``svg`` is markup, all else is text.

    ``reading`` says how it is to be read.  One with a ``width`` in pixels keeps it on a phone and is scrolled; others
    shrink.  ``told`` is whether the SVG itself tells a screen reader what it shows; else title and reading do.
    """

    name: str
    title: str
    svg: str
    reading: str
    legend: tuple[Mark, ...] = ()
    width: int = 0
    told: bool = False


def new_figure(width: float, height: float, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of ``width`` and ``height`` in inches, and its axes below each other, sharing one x."""
    # No pyplot: it keeps global state and looks for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0].tolist()


@contextmanager
def drawing(**settings: Any) -> Iterator[None]:
    """Draw with matplotlib's ``settings``, and without a warning for each letter that its own font lacks."""
    import matplotlib as mpl

    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        yield


def line_style(place: int) -> dict[str, Any]:
    """Return colour and dashes of the curve at ``place``: no two of the first 30 are alike."""
    dashes = _dashes(place)
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": (0, dashes) if dashes else "-"}


def as_svg(draw: Callable[..., None], name: str, width: float = 4.6, height: float = 4.2, rows: int = 1) -> str:
    """Return what ``draw`` puts on its ``rows`` axes as an ``<svg>`` element.

    ``name`` keeps its ids apart from other pictures'.  The same data give the same text.  Text stays text, so that it
    can be searched.  The page may set other colours as ``--curve-0`` and so on.
    """
    settings = {
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.family": ["sans-serif"],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": INK,
        "grid.alpha": 0.12,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
    }
    with drawing(**settings):
        figure, axes = new_figure(width, height, rows)
        figure.patch.set_alpha(0)
        for each in axes:
            each.patch.set_alpha(0)
        draw(*axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    svg = text[text.index("<svg") :].replace(INK, "currentColor")
    for place, colour in enumerate(COLOURS):
        svg = svg.replace(colour, _variable(place))
    # Ids that matplotlib counts (figure_1, axes_1 ...) would be the same in every picture.
    svg = re.sub(r'(id="|"#|url\(#)', rf"\g<1>{name}-", svg)
    return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def _dashes(place: int) -> tuple[float, ...]:
    return DASHES[place // len(COLOURS) % len(DASHES)]


def _variable(place: int) -> str:
    return f"var(--curve-{place}, {COLOURS[place]})"
