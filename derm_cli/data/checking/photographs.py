"""What is doubtful about single photographs that training uses: how they are stored, what they carry, how they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from PIL import Image

from derm_cli.data.checking.findings import Checked, Finding, singles
from derm_cli.data.facts import Facts

SMALL = 112
"""Pixels of the shorter side: half of the smallest usual input of a network, 224."""
LARGE = 50_000_000
"""Pixels; more than most cameras give."""
FLAT = 2.0
"""Levels of 255, the standard deviation of brightness.  The poorest of 2,866 real photographs has 4.8."""
BLURRED = 8.0
"""Of the measure ``focus``.  The least of 2,866 real photographs is 9.9; a Gaussian blur of 3 pixels gives 3 to 7."""
DARK, BRIGHT = 40.0, 235.0
"""Levels of 255, the mean.  2,866 real photographs are from 46 to 226."""
_ALIKE = {"MPO": "JPEG"}
"""Formats that bear another's ending rightfully."""


def wrong_extension(file: str, facts: Facts) -> str:
    """Return what a file is where its name's ending says otherwise, else ''."""
    Image.init()
    suffix = PurePosixPath(file).suffix.lower()
    declared = Image.registered_extensions().get(suffix)
    found = _ALIKE.get(facts.format, facts.format)
    return "" if declared == found else f"{suffix or 'no ending'}, but it is {found}"


_CHECKS: dict[str, Callable[[Facts], str]] = {
    "blank": lambda of: f"contrast {of.contrast:.1f}" if of.contrast < FLAT else "",
    "grey": lambda of: of.mode if of.grey and of.contrast >= FLAT else "",
    "transparent": lambda of: of.mode if of.transparent else "",
    "damaged-profile": lambda of: of.profile if of.profile == "damaged" else "",
    "small": lambda of: _size(of) if min(of.width, of.height) < SMALL else "",
    "tells-place": lambda of: "GPS" if of.gps else "",
    "alpha": lambda of: of.mode if of.alpha and not of.transparent else "",
    "palette": lambda of: of.mode if of.mode in ("P", "PA", "1") else "",
    "cmyk": lambda of: of.mode if of.mode == "CMYK" else "",
    "sixteen-bit": lambda of: f"{of.bits} bits" if of.bits > 8 else "",
    "turned": lambda of: f"orientation {of.orientation}" if of.orientation != 1 else "",
    "several-frames": lambda of: f"{of.frames} images" if of.frames > 1 else "",
    "other-profile": lambda of: of.profile if of.profile == "other" else "",
    "tells-more": lambda of: "metadata" if of.personal else "",
    "blurred": lambda of: f"focus {of.focus:.1f}" if of.contrast >= FLAT and of.focus < BLURRED else "",
    "dark": lambda of: f"brightness {of.brightness:.0f}" if of.contrast >= FLAT and of.brightness < DARK else "",
    "bright": lambda of: f"brightness {of.brightness:.0f}" if of.contrast >= FLAT and of.brightness > BRIGHT else "",
    "large": lambda of: _size(of) if of.width * of.height > LARGE else "",
}
"""What each kind of finding says of a photograph, '' where it does not hold."""

POOR = ("blank", "blurred", "dark", "bright")
"""The findings that tell of a poor photograph, not of how it is stored."""


def quality_of(facts: Facts) -> str:
    """Return what is poor about a photograph, of POOR, joined by commas, or ``no fault found``."""
    return ", ".join(kind for kind in POOR if _CHECKS[kind](facts)) or "no fault found"


def doubtful(checked: Checked) -> Iterator[Finding]:
    """Tell of photographs that are used, but are not as they should be, and of what is done with them."""
    files = zip(checked.frame["file"], checked.facts, strict=True)
    named = ((row, wrong_extension(file, of)) for row, (file, of) in enumerate(files))
    yield from singles("wrong-extension", checked.cases((row, said) for row, said in named if said))
    for kind, says in _CHECKS.items():
        told = ((row, says(of)) for row, of in enumerate(checked.facts))
        yield from singles(kind, checked.cases((row, said) for row, said in told if said))


def _size(of: Facts) -> str:
    return f"{of.width}x{of.height}"
