"""Figures without a display, and as SVG that a page can take in."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"
"""What is drawn in this colour takes that of the text around the picture, in light and in dark."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7f7f7f")
"""Okabe and Ito's palette (2008), which those who confuse red and green can tell apart; yellow is darkened."""
STYLES = ("-", "--", ":", "-.")


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of ``width`` and ``height`` in inches, and its axes."""
    # No pyplot: it keeps global state and looks for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def line_style(place: int) -> dict[str, Any]:
    """Return colour and dashes of the curve at ``place``: no two of the first 28 are alike."""
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": STYLES[place // len(COLOURS) % len(STYLES)]}


def as_svg(draw: Callable[[Axes], None], name: str, width: float = 5.2, height: float = 4.2) -> str:
    """Return what ``draw`` puts on axes as an ``<svg>`` element; ``name`` keeps its ids apart from other pictures'.

    The same data give the same text.  Text stays text, so that it can be searched and read aloud.
    """
    import matplotlib as mpl

    settings = {
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.family": ["sans-serif"],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
    }
    with mpl.rc_context(settings):
        figure, axes = new_figure(width, height)
        figure.patch.set_alpha(0)
        axes.patch.set_alpha(0)
        draw(axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    svg = text[text.index("<svg") :].replace(INK, "currentColor")
    # Ids that matplotlib counts (figure_1, axes_1 ...) would be the same in every picture.
    svg = re.sub(r'(id="|"#|url\(#)', rf"\g<1>{name}-", svg)
    return re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
