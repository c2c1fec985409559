"""Checks of single photographs that training uses: how they are stored, what metadata they carry, how they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from PIL import Image

from derm_cli.data.checking.findings import DecodedDataset, Finding, single_findings
from derm_cli.data.facts import Facts
from derm_cli.data.quality import QUALITY_FAULTS, is_blank
from derm_cli.plugin.photograph_files import HEIF_SUFFIXES

SMALL = 112
"""Pixels of the shorter side: half of the smallest usual input of a network, 224."""
LARGE = 50_000_000
"""Pixels; more than most cameras give."""
_FORMATS = dict.fromkeys(HEIF_SUFFIXES, "HEIF") | dict.fromkeys((".jif", ".jfi", ".pjpeg", ".pjp"), "JPEG")
"""Formats by endings that Pillow does not know, or not always."""
_SHARED_EXTENSIONS = {"MPO": "JPEG"}
"""Formats that bear another's ending rightfully."""


def wrong_extension(file: str, facts: Facts) -> str:
    """Return what a file is where its name's ending says otherwise, else ''."""
    Image.init()
    suffix = PurePosixPath(file).suffix.lower()
    declared = _FORMATS.get(suffix) or Image.registered_extensions().get(suffix)
    actual = _SHARED_EXTENSIONS.get(facts.format, facts.format)
    return "" if declared == actual else f"{suffix or 'no ending'}, but it is {actual}"


_CHECKS: dict[str, Callable[[Facts], str]] = {
    **QUALITY_FAULTS,
    "grey": lambda facts: facts.mode if facts.grey and not is_blank(facts) else "",
    "transparent": lambda facts: facts.mode if facts.transparent else "",
    "damaged-profile": lambda facts: facts.profile if facts.profile == "damaged" else "",
    "small": lambda facts: _size(facts) if min(facts.width, facts.height) < SMALL else "",
    "tells-place": lambda facts: "GPS" if facts.gps else "",
    "alpha": lambda facts: facts.mode if facts.alpha and not facts.transparent else "",
    "palette": lambda facts: facts.mode if facts.mode in ("P", "PA", "1") else "",
    "cmyk": lambda facts: facts.mode if facts.mode == "CMYK" else "",
    "sixteen-bit": lambda facts: f"{facts.bits} bits" if facts.bits > 8 else "",
    "turned": lambda facts: f"orientation {facts.orientation}" if facts.orientation != 1 else "",
    "several-frames": lambda facts: f"{facts.frames} images" if facts.frames > 1 else "",
    "other-profile": lambda facts: facts.profile if facts.profile == "other" else "",
    "tells-more": lambda facts: "metadata" if facts.personal else "",
    "large": lambda facts: _size(facts) if facts.width * facts.height > LARGE else "",
}
"""What each kind of finding says of a photograph, '' where it does not hold."""


def doubtful_photographs(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding of each kind about photographs that are used, but are not as they should be."""
    files = zip(dataset.frame["file"], dataset.facts, strict=True)
    details = ((row, wrong_extension(file, facts)) for row, (file, facts) in enumerate(files))
    yield from single_findings("wrong-extension", dataset.cases((row, detail) for row, detail in details if detail))
    for kind, detail_of in _CHECKS.items():
        details = ((row, detail_of(facts)) for row, facts in enumerate(dataset.facts))
        yield from single_findings(kind, dataset.cases((row, detail) for row, detail in details if detail))


def _size(facts: Facts) -> str:
    return f"{facts.width}x{facts.height}"
