"""Class activation maps laid over their photographs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from derm_cli.files import whole

STRENGTH = 0.5
PALETTE = "inferno"
PANEL = 400
"""The least pixels of a side in a picture of its own: a smaller photograph is shown as larger squares."""
GAP, TEXT, SCALE = 16, 20, 12
GROUND, INK, FAINT = (255, 255, 255), (27, 31, 36), (87, 96, 106)
Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.floating]


def overlay(photograph: Pixels, scores: Scores) -> Pixels:
    """Return ``photograph``, uint8 (h, w, 3), under the map of one class's ``scores``, (rows, columns).

    Scores are stretched from the lowest to the highest of this photograph, so colours tell where a class speaks most,
    not how sure it is; pixels between the map's cells are interpolated.  Bright is high.  The photograph's own colours
    are left out.
    """
    low, high = float(scores.min()), float(scores.max())
    share = (scores - low) / (high - low) if high > low else np.zeros_like(scores)
    small = Image.fromarray(np.rint(255 * share).astype(np.uint8))
    large = np.asarray(small.resize(photograph.shape[1::-1], Image.Resampling.BICUBIC), dtype=np.uint8)
    return _blend(photograph, large)


def side_by_side(photograph: Pixels, *scores: Scores) -> Pixels:
    """Return the photograph and, to its right, the same under each map: uint8 (h, (1 + maps) w, 3)."""
    return np.concatenate([photograph, *(overlay(photograph, each) for each in scores)], axis=1)


def captioned_overlay(photograph: Pixels, scores: Scores, lines: Sequence[str]) -> Pixels:
    """Return the photograph beside itself under its map, below ``lines`` of text, with a scale: uint8 RGB.

    A pixel of the photograph is a square of equal pixels, so that what the network saw is what is seen.  A line that
    is too long is cut.
    """
    factor = -(-PANEL // photograph.shape[1])
    large = photograph.repeat(factor, axis=0).repeat(factor, axis=1)
    height, width = large.shape[:2]
    head = GAP + len(lines) * (TEXT + 8)
    picture = Image.new("RGB", (3 * GAP + 2 * width, head + height + 2 * GAP + TEXT), GROUND)
    left, right = GAP, 2 * GAP + width
    picture.paste(Image.fromarray(large), (left, head))
    picture.paste(Image.fromarray(overlay(large, scores)), (right, head))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        font = _font(bold=number == 0)
        draw.text((left, GAP + number * (TEXT + 8)), _cut(line, font, 2 * width), INK, font)
    _draw_scale(picture, draw, (right, head + height + GAP), width)
    draw.text((left, head + height + GAP - 4), "as the network saw it", FAINT, _font())
    return np.asarray(picture, dtype=np.uint8)


def write_png(pixels: Pixels, path: Path) -> None:
    """Write pixels, and nothing that was known of the photograph's file, as a PNG; whole or not at all."""
    with whole(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG")


def jpeg_data_url(pixels: Pixels) -> str:
    """Return pixels as a JPEG in a ``data:`` URL, for a page that needs no other file."""
    file = io.BytesIO()
    # Colours at full resolution: they are what a lesion is told by.
    Image.fromarray(pixels).save(file, format="JPEG", quality=90, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _blend(photograph: Pixels, values: Pixels) -> Pixels:
    """Return the photograph in greys under the colours of ``values``, uint8 (h, w)."""
    import matplotlib as mpl

    grey = np.asarray(Image.fromarray(photograph).convert("L"), dtype=np.float64)[..., np.newaxis]

    colours = mpl.colormaps[PALETTE](values, bytes=True)[..., :3].astype(np.float64)
    return np.asarray(np.rint((1 - STRENGTH) * grey + STRENGTH * colours), dtype=np.uint8)


def _draw_scale(picture: Image.Image, draw: ImageDraw.ImageDraw, corner: tuple[int, int], width: int) -> None:
    """Draw the scale of the colours, as they are over a grey of half brightness."""
    (left, top), font = corner, _font()
    low, high = "low", "high, in this photograph"
    begin = left + int(draw.textlength(low, font)) + GAP // 2
    length = left + width - int(draw.textlength(high, font)) - GAP // 2 - begin
    values = np.tile(np.linspace(0, 255, length).astype(np.uint8), (SCALE, 1))
    grey = np.full((SCALE, length, 3), 128, dtype=np.uint8)
    picture.paste(Image.fromarray(_blend(grey, values)), (begin, top + 4))
    draw.text((left, top - 4), low, FAINT, font)
    draw.text((begin + length + GAP // 2, top - 4), high, FAINT, font)


def _font(*, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return matplotlib's own font, which has the letters of most of Europe's languages."""
    import matplotlib as mpl

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(mpl.get_data_path(), "fonts", "ttf", name)), TEXT - 3)


def _cut(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line + "…"
