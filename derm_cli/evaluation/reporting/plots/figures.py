"""Plots as SVG that a page can take in, and matplotlib figures that need no display."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derm_cli.evaluation.reporting.plots.line_styles import COLOURS, LegendEntry, css_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"
"""What is drawn in this colour takes that of the text around the plot, in light and in dark."""


@dataclass(frozen=True)
class Plot:
    """A plot on a page: ``svg`` is markup, all else is text.

    ``reading`` says how it is to be read.  One with a ``width`` in pixels keeps it on a phone and is scrolled; others
    shrink.  ``accessible`` is whether the SVG itself tells a screen reader what it shows; else title and reading do.
    """

    name: str
    title: str
    svg: str
    reading: str
    legend: tuple[LegendEntry, ...] = ()
    width: int = 0
    accessible: bool = False


def new_figure(width: float, height: float, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of ``width`` and ``height`` in inches, and its axes below each other, sharing one x."""
    # No pyplot: it keeps global state and looks for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, 1, sharex=True, squeeze=False)[:, 0].tolist()


@contextmanager
def matplotlib_settings(**settings: Any) -> Iterator[None]:
    """Draw with ``settings`` over matplotlib's defaults, without a warning for each letter that its own font lacks.

    Names are text: a dollar sign in one begins no formula.  What a user's matplotlibrc says, as of fonts or of LaTeX,
    is for the user's own plots.
    """
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update({"text.parse_math": False, **settings})
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        yield


def as_svg(draw: Callable[..., None], name: str, width: float = 4.6, height: float = 4.2, rows: int = 1) -> str:
    """Return what ``draw`` puts on its ``rows`` axes as an ``<svg>`` element.

    ``name`` keeps its ids apart from other plots'.  The same data give the same text.  Text stays text, so that it
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
    with matplotlib_settings(**settings):
        figure, axes = new_figure(width, height, rows)
        figure.patch.set_alpha(0)
        for each in axes:
            each.patch.set_alpha(0)
        draw(*axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    svg = text[text.index("<svg") :].replace(INK, "currentColor")
    for index, colour in enumerate(COLOURS):
        svg = svg.replace(colour, css_colour(index))
    # Ids that matplotlib counts (figure_1, axes_1 ...) would be the same in every plot.
    svg = re.sub(r'(id="|"#|url\(#)', rf"\g<1>{name}-", svg)
    return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
