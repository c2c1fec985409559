"""A contact sheet as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PIL import Image, ImageDraw, ImageFont

from derm_cli.files import whole

if TYPE_CHECKING:
    from derm_cli.data.contact_sheet import ContactSheet, Picture

T = TypeVar("T")
MOST_ACROSS = 8
"""How many pictures stand side by side at most, if a photograph has not more versions than that."""
SMALLEST_TILE = 128
"""Pixels of the side below which a picture is magnified, by a whole number, so that it can be seen."""
MARGIN, GAP = 24, 8
TEXT, HEADING, TITLE = 13, 17, 22
INK, SOFT_INK, BACKGROUND, WARNING_INK = "#1b1f24", "#57606a", "#ffffff", "#9a3d00"


def write_png(sheet: ContactSheet, path: Path) -> None:
    """Draw ``sheet`` as a PNG: a line of text or of pictures below the other; whole or not at all."""
    first = next(picture for each in sheet.classes for picture in each.pictures)
    side, versions = first.versions[0].shape[0], len(first.versions)
    scale = max(1, SMALLEST_TILE // side)
    tile_side = side * scale
    photographs_per_row = max(1, MOST_ACROSS // versions)
    largest_class = max(len(each.pictures) for each in sheet.classes)
    width = max(min(largest_class, photographs_per_row) * versions * (tile_side + GAP) - GAP, 5 * SMALLEST_TILE)
    lines: list[_Paragraph | _PictureRow] = [
        _Paragraph(sheet.title, TITLE, INK),
        _Paragraph(sheet.warning, HEADING, WARNING_INK),
    ]
    lines += [_Paragraph(note, TEXT, SOFT_INK) for note in sheet.notes()]
    for each in sheet.classes:
        lines.append(_Paragraph(each.heading(), HEADING, INK, above=2 * GAP))
        lines += [_PictureRow(row, tile_side, scale) for row in _chunks(each.pictures, photographs_per_row)]
    canvas = Image.new("RGB", (width + 2 * MARGIN, 2 * MARGIN + sum(line.height(width) for line in lines)), BACKGROUND)
    draw, top = ImageDraw.Draw(canvas), MARGIN
    for line in lines:
        line.draw(canvas, draw, top, width)
        top += line.height(width)
    with whole(path) as temporary:
        canvas.save(temporary, "PNG")


class _Paragraph:
    """A paragraph over the whole width."""

    def __init__(self, text: str, size: int, colour: str, above: int = 0) -> None:
        self.text, self.size, self.colour, self.above = _in_one_line(text), size, colour, above

    def _lines(self, width: int) -> list[str]:
        letters = max(8, int(width / _font(self.size).getlength("n")))
        return textwrap.wrap(self.text, letters) or [""]

    def height(self, width: int) -> int:
        return self.above + len(self._lines(width)) * (self.size + GAP)

    def draw(self, _: Image.Image, draw: ImageDraw.ImageDraw, top: int, width: int) -> None:
        for index, line in enumerate(self._lines(width)):
            position = (MARGIN, top + self.above + index * (self.size + GAP))
            draw.text(position, line, fill=self.colour, font=_font(self.size))


class _PictureRow:
    """Photographs side by side, each with its versions, and below each its case and its note."""

    def __init__(self, pictures: list[Picture], tile_side: int, scale: int) -> None:
        self.pictures, self.tile_side, self.scale = pictures, tile_side, scale
        self.captions = max((len(self._caption(each)) for each in pictures), default=0)

    @staticmethod
    def _caption(picture: Picture) -> list[str]:
        return [_in_one_line(text) for text in (picture.case, picture.note) if text]

    def height(self, _: int) -> int:
        return self.tile_side + GAP + self.captions * (TEXT + GAP // 2)

    def draw(self, canvas: Image.Image, draw: ImageDraw.ImageDraw, top: int, _: int) -> None:
        left = MARGIN
        for picture in self.pictures:
            width = len(picture.versions) * (self.tile_side + GAP) - GAP
            for index, version in enumerate(picture.versions):
                image = Image.fromarray(version).resize((self.tile_side, self.tile_side), Image.Resampling.NEAREST)
                canvas.paste(image, (left + index * (self.tile_side + GAP), top))
            for index, text in enumerate(self._caption(picture)):
                position = (left, top + self.tile_side + 2 + index * (TEXT + GAP // 2))
                draw.text(position, _shortened(text, width), fill=SOFT_INK, font=_font(TEXT))
            left += width + GAP


def _shortened(text: str, width: int) -> str:
    """Leave out the middle of a text that is too long: names of files differ at their ends."""
    font, length = _font(TEXT), len(text)
    shown = text
    while length > 2 and font.getlength(shown) > width:
        length -= 1
        shown = f"{text[: length - length // 2]}…{text[len(text) - length // 2 :]}"
    return shown


def _chunks(items: tuple[T, ...], length: int) -> Iterator[list[T]]:
    rest = iter(items)
    while row := list(islice(rest, length)):
        yield row


def _in_one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font that comes with Matplotlib: Pillow's own has no letters but Latin ones."""
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)
