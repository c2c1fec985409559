"""Cutting a lesion out by its mask."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from derm_cli.data.preprocessing.colour import to_rgb
from derm_cli.data.preprocessing.opening import UnreadablePhotograph, open_photograph, turn_upright

Box = tuple[int, int, int, int]


def lesion_box(mask: Path, size: tuple[int, int], margin: float, content: str | None = None) -> Box:
    """Return the part of a photograph of ``size`` (width, height) that shows the lesion: left, top, right, bottom.

    The lesion is where the mask is above half of its greatest value.  The part is a square about it, whose side is the
    longer side of the lesion's bounding box and ``margin`` of that on either side; it is moved into the photograph
    where it stands out, and cut to it where it is larger.  Raises UnreadablePhotograph where the mask is no image, has
    another size than the upright photograph, is empty, or has not the SHA-256 ``content`` where that is given.
    """
    with open_photograph(mask, content) as image:
        grey = to_rgb(turn_upright(image), to_srgb=False).convert("L")
    if grey.size != size:
        raise UnreadablePhotograph(f"{_size_text(grey.size)}, but the photograph has {_size_text(size)}")
    inside = _threshold(grey).getbbox()
    if inside is None:
        raise UnreadablePhotograph("empty")
    left, top, right, bottom = inside
    longer = max(right - left, bottom - top)
    side = longer + 2 * math.ceil(margin * longer)
    first, last = _span(left, right, side, size[0])
    upper, lower = _span(top, bottom, side, size[1])
    return first, upper, last, lower


def _threshold(grey: Image.Image) -> Image.Image:
    values = np.asarray(grey)
    return Image.fromarray((values > int(values.max(initial=0)) / 2).astype(np.uint8) * 255)


def _span(low: int, high: int, side: int, limit: int) -> tuple[int, int]:
    length = min(side, limit)
    start = min(max((low + high - length) // 2, 0), limit - length)
    return start, start + length


def _size_text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
