"""Fitting a table into the width of a terminal: cells are broken over lines, and columns that can be spared go."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

GAP = 2
"""Blanks between two columns."""
SHORTEST = 8
"""Characters of a column below which no word in it is broken."""
_PIECES = re.compile(r"[^\s,/;|]*[\s,/;|]+|[^\s,/;|]+")


def broken(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` characters, at least one.

    It is broken after blanks, commas and slashes, and inside a word only where that alone is too long: after a hyphen,
    if it has one.
    """
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if len((line + piece).rstrip()) > width and line:
            lines.append(line.rstrip())
            line = ""
        line += piece
        while len(line.rstrip()) > width:
            end = line.rfind("-", 0, width) + 1 or width
            lines.append(line[:end])
            line = line[end:]
    if line.rstrip() or not lines:
        lines.append(line.rstrip())
    return lines


def fitting_columns(
    columns: Sequence[Sequence[str]], width: int, whole: Collection[int], spare: Sequence[int]
) -> dict[int, int]:
    """Return the widths of the columns that are shown, by their index, so that they fit ``width`` together.

    ``columns`` have their cells, the heading among them.  Those of ``whole`` are never broken; those of ``spare`` are
    left out where there is no room, the first of them first.  What still does not fit is as narrow as it can be.
    """
    there = dict.fromkeys(range(len(columns)))
    least = [
        _natural(column) if index in whole else max(map(_longest_piece, column)) for index, column in enumerate(columns)
    ]
    for index in spare:
        if _needed([least[each] for each in there]) <= width:
            break
        del there[index]
    widths = {index: _natural(columns[index]) for index in there}
    for bounds in (least, [min(each, SHORTEST) for each in least]):
        while _needed(widths.values()) > width:
            wider = [index for index in widths if index not in whole and widths[index] > bounds[index]]
            if not wider:
                break
            widths[max(wider, key=widths.__getitem__)] -= 1
    return widths


def _longest_piece(cell: str) -> int:
    return max((len(piece.rstrip()) for piece in _PIECES.findall(cell)), default=0)


def _natural(column: Sequence[str]) -> int:
    return max(map(len, column))


def _needed(widths: Collection[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)
