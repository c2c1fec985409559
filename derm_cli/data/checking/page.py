"""The page of a data check: findings as one HTML file that needs no other and no program, with photographs."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from derm_cli.data.checking.findings import Case, Finding
from derm_cli.data.parallel import on_all_cores
from derm_cli.data.preprocessing import UnreadablePhotograph, open_photograph, turn_upright
from derm_cli.data.preprocessing.colour import to_rgb
from derm_cli.errors import DermError
from derm_cli.files import write_text
from derm_cli.templates import rendered

TEMPLATE = "page.html.jinja"
SIDE = 192
"""The longer side of a thumbnail, in pixels."""
SHOWN, NAMED = 24, 300
"""Of each finding, how many groups are shown by photographs, and how many by name."""


def write_page(
    path: Path, verdict: str, datasets: Sequence[dict[str, Any]], findings: Sequence[Finding], roots: Mapping[str, Path]
) -> None:
    """Write ``verdict``, the facts of ``datasets`` and ``findings`` to ``path``; whole or not at all.

    Photographs of the datasets whose folder is in ``roots`` are shown, each as a small JPEG of its pixels alone.
    Raises DermError where the page cannot be written.
    """
    shown = [case for each in findings for group in each.groups[:SHOWN] for case in group if case.dataset in roots]
    photographs = list(dict.fromkeys((case.dataset, case.file) for case in shown))
    thumbnails = on_all_cores(
        lambda photograph: thumbnail(roots[photograph[0]] / photograph[1]), photographs, "Drawing the page"
    )
    thumbnail_of = dict(zip(photographs, thumbnails, strict=True))

    def picture(case: Case) -> str:
        return thumbnail_of.get((case.dataset, case.file), "")

    page = rendered(
        __package__,
        TEMPLATE,
        title="Check of " + ", ".join(each["name"] for each in datasets),
        verdict=verdict,
        datasets=datasets,
        findings=findings,
        picture=picture,
        shown=SHOWN,
        named=NAMED,
    )
    try:
        write_text(path, page)
    except OSError as error:
        raise DermError(f"'{path}' cannot be written ({error.strerror}): name another file with --html.") from error


def thumbnail(path: Path) -> str:
    """Return a photograph, small and upright, as JPEG in base64, or '' where it cannot be read."""
    try:
        with open_photograph(path) as image:
            small = to_rgb(turn_upright(image), to_srgb=True)
            small.thumbnail((SIDE, SIDE))
    except UnreadablePhotograph:
        return ""
    buffer = io.BytesIO()
    # A new image: Pillow would write comments and XMP of the old one.
    Image.fromarray(np.asarray(small)).save(buffer, "JPEG", quality=80)
    return base64.b64encode(buffer.getvalue()).decode()
