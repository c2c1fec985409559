"""Image quality: what is poor about a photograph, by its facts; blank, blurred, dark or bright."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derm_cli.data.facts import SQUARE_SIDE, Facts
from derm_cli.data.preprocessing.opening import LARGEST, SMALLEST

FLAT = 2.0
"""Levels of 255, the standard deviation of brightness.  The poorest of 2,866 real photographs has 4.8."""
BLURRED = 8.0
"""Of the measure ``focus``.  The least of 2,866 real photographs is 9.9; a Gaussian blur of 3 pixels gives 3 to 7."""
DARK, BRIGHT = 40.0, 235.0
"""Levels of 255, the mean.  2,866 real photographs are from 46 to 226."""
NO_FAULT = "no fault found"


def is_blank(facts: Facts) -> bool:
    """Tell whether a photograph is of one colour."""
    return facts.contrast < FLAT


def _brightness(facts: Facts) -> str:
    return f"brightness {facts.brightness:.0f}"


QUALITY_FAULTS: dict[str, Callable[[Facts], str]] = {
    "blank": lambda facts: f"contrast {facts.contrast:.1f}" if is_blank(facts) else "",
    "blurred": lambda facts: f"focus {facts.focus:.1f}" if not is_blank(facts) and facts.focus < BLURRED else "",
    "dark": lambda facts: _brightness(facts) if not is_blank(facts) and facts.brightness < DARK else "",
    "bright": lambda facts: _brightness(facts) if not is_blank(facts) and facts.brightness > BRIGHT else "",
}
"""The measurement that each fault shows in, as text, '' where a photograph does not have the fault."""


def quality_of(facts: Facts) -> str:
    """Return the faults of a photograph, of ``QUALITY_FAULTS``, joined by commas, or ``no fault found``."""
    return ", ".join(fault for fault, measurement in QUALITY_FAULTS.items() if measurement(facts)) or NO_FAULT


def quality_asked(size: int) -> dict[str, Any]:
    """Return what is asked of a photograph for a network of ``size`` pixels, as JSON values.

    ``limits`` of ``measure``: ``side``, the shorter one in pixels, at least half of the network's, for less would be
    more invented than seen; and ``contrast``, ``focus`` and ``brightness`` as :class:`derm_cli.data.facts.Facts` has
    them, of the photograph squashed to ``side`` pixels.
    """
    brightest, sharpest = 255.0, (4 * 255.0) ** 2
    limits = (
        ("small", "side", float(max(SMALLEST, size // 2)), float(LARGEST)),
        ("blank", "contrast", FLAT, brightest),
        ("blurred", "focus", BLURRED, sharpest),
        ("dark", "brightness", DARK, brightest),
        ("bright", "brightness", 0.0, BRIGHT),
    )
    rows = [{"fault": fault, "measure": what, "least": least, "most": most} for fault, what, least, most in limits]
    return {"side": SQUARE_SIDE, "limits": rows}
