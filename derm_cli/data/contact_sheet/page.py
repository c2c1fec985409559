"""A contact sheet as one HTML page that needs no other file, no program and no network."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from derm_cli.files import write_text
from derm_cli.templates import rendered

if TYPE_CHECKING:
    from derm_cli.data.contact_sheet import ContactSheet
    from derm_cli.data.preprocessing import Pixels

TEMPLATE = "sheet.html.jinja"


def write_page(sheet: ContactSheet, path: Path) -> None:
    """Write ``sheet`` to ``path``, each version of a photograph as a PNG of its pixels; whole or not at all."""
    write_text(path, rendered(__package__, TEMPLATE, sheet=sheet, png=_png))


def _png(pixels: Pixels) -> str:
    """Return pixels as a PNG in base64: what is shown is what the network sees, to the bit."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
