"""A contact sheet as one HTML page that needs no other file, no program and no network."""

from __future__ import annotations

import base64
import io
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from derm_cli.files import write_text

if TYPE_CHECKING:
    from derm_cli.data.contact_sheet import ContactSheet
    from derm_cli.data.preprocessing import Pixels

TEMPLATE = "sheet.html.jinja"


def write_page(sheet: ContactSheet, path: Path) -> None:
    """Write ``sheet`` to ``path``, each version of a photograph as a PNG of its pixels; whole or not at all."""
    import jinja2

    # Names of classes and cases may hold anything: all of it is text, none of it markup.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    write_text(path, template.render(sheet=sheet, png=_png))


def _png(pixels: Pixels) -> str:
    """Return pixels as a PNG in base64: what is shown is what the network sees, to the bit."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
