"""Pictures of plugins as a page can take them in: nothing in them runs, and nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from derm_cli.errors import DermError
from derm_cli.plugin.declared import described

MOST_PIXELS = 25_000_000
"""Of a PNG, or of a figure as it is drawn."""
MOST_BYTES = 10_000_000
"""Of an SVG."""
DPI = 144
"""Pixels an inch of a figure."""
PNG = b"\x89PNG\r\n\x1a\n"
SVG = "http://www.w3.org/2000/svg"
RUNS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "link", "handler"})
"""Elements that run, or hold what is no drawing."""
_DOCTYPE = re.compile(r"<!DOCTYPE\s+svg\b[^\[\]>]*>", re.IGNORECASE)
"""That of matplotlib and of drawing programs, which declares nothing of its own."""
_OUTSIDE = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import|javascript:|expression\(", re.IGNORECASE)
_INSIDE = re.compile(r"#|data:image/(png|jpeg);base64,", re.IGNORECASE)


@dataclass(frozen=True)
class PluginPicture:
    """A picture of a plugin as bytes: of the kind ``image/png`` or ``image/svg+xml``."""

    kind: str
    content: bytes

    @property
    def data_url(self) -> str:
        """The picture as a ``data:`` URL."""
        return f"data:{self.kind};base64,{base64.b64encode(self.content).decode('ascii')}"


def picture_of(content: Any) -> PluginPicture:
    """Return a matplotlib figure, or the bytes of a PNG or an SVG, as a picture that is safe to embed.

    Raises DermError where it is something else, too large, or an SVG that is more than a drawing.
    """
    if callable(getattr(content, "savefig", None)):
        return _drawn(content)
    if isinstance(content, bytes | bytearray):
        given = bytes(content)
        if given.startswith(PNG):
            return _encoded_anew(given)
        if re.match(rb"(\xef\xbb\xbf)?\s*<(\?xml|!DOCTYPE|!--|svg)", given, re.IGNORECASE):
            return _inert_svg(given)
        raise DermError("A plot's bytes are neither a PNG nor an SVG: give one of these, or a matplotlib figure.")
    raise DermError(f"A plot is {described(content)}: give a matplotlib figure, or the bytes of a PNG or an SVG.")


def _drawn(figure: Any) -> PluginPicture:
    width, height = (float(each) * DPI for each in figure.get_size_inches())
    if width * height > MOST_PIXELS:
        raise DermError(f"A figure is '{width:.0f} x {height:.0f}' pixels at {DPI} an inch: make it smaller.")
    file = io.BytesIO()
    # No time, so that the same figure gives the same page.
    figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return PluginPicture("image/png", file.getvalue())


def _encoded_anew(given: bytes) -> PluginPicture:
    """Return a PNG of the pixels alone: what else is in the file does not come along."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(given), formats=("PNG",)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise DermError(f"A PNG is '{image.width} x {image.height}' pixels: make it smaller.")
                pixels = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Warning, Image.DecompressionBombError) as error:
        raise DermError(f"A PNG cannot be read ({type(error).__name__}): give a whole one.") from error
    file = io.BytesIO()
    pixels.save(file, format="PNG")
    return PluginPicture("image/png", file.getvalue())


def _inert_svg(given: bytes) -> PluginPicture:
    if len(given) > MOST_BYTES:
        raise DermError(f"An SVG has '{len(given)}' bytes: give a PNG or a figure in its place.")
    try:
        text = _DOCTYPE.sub("", given.decode("utf-8-sig"), count=1)
    except UnicodeDecodeError:
        raise DermError("An SVG is not in UTF-8: write it so.") from None
    # Entities can grow without end, and a style sheet is loaded from elsewhere.
    declared = re.search(r"<!(DOCTYPE|ENTITY)|<\?(?!xml\s)[\w-]+", text, re.IGNORECASE)
    if declared:
        raise DermError(f"An SVG has '{declared.group()}', which is no part of a drawing: leave it out.")
    try:
        # Without a declaration there is no entity that could grow, or be loaded.
        root = ElementTree.fromstring(text)  # noqa: S314
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise DermError(f"An SVG cannot be read ({error}): give a whole one.") from error
    if root.tag != f"{{{SVG}}}svg":
        raise DermError(f"An SVG begins with '{root.tag}', but must with 'svg' of the namespace {SVG}.")
    for fault in _faults(root):
        raise DermError(f"An SVG has {fault}, and a page shows drawings alone: leave it out.")
    return PluginPicture("image/svg+xml", text.encode())


def _faults(root: ElementTree.Element) -> Iterator[str]:
    """Yield what would run, or be loaded from outside."""
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name.lower() in RUNS:
            yield f"an element '{name}'"
        for full, value in element.attrib.items():
            attribute = full.rpartition("}")[2].lower()
            if attribute.startswith("on"):
                yield f"an event '{attribute}'"
            if attribute in ("href", "src") and not _INSIDE.match(value.strip()):
                yield f"a link to '{value.strip()[:60]}'"
            if _OUTSIDE.search(value):
                yield f"a link in '{attribute}'"
        if name.lower() == "style" and _OUTSIDE.search("".join(element.itertext())):
            yield "a style that loads something"
