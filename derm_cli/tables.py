"""Reads CSV tables as people's programs write them: whatever delimiter and encoding, and what stands above the header.

Datasets and predictions are read by this one reader; what the columns mean is theirs.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from derm_cli.csv_cells import original
from derm_cli.encoding import REMEDY, EncodingFault, decode_text
from derm_cli.errors import DermError, did_you_mean

DELIMITERS = ",;\t|"
"""What may stand between cells, the likeliest first; a line ``sep=`` above the header may name another."""
LINES_ABOVE = 50
"""How many lines of titles and comments there may be above the header."""
COLUMNS_TOLD = 12

_SEP = re.compile(r'"?sep=(.)"?[\s,;|]*', re.IGNORECASE | re.DOTALL)


class TableError(DermError):
    """A table that cannot be read: a sentence that begins with its path in quotes."""


class TableRow(NamedTuple):
    """The cells of a row, and the lines of the file, from 1, on which it begins and ends."""

    first_line: int
    last_line: int
    cells: list[str]


@dataclass(frozen=True)
class TextTable:
    """A table's header, its rows with any cell that is not blank, and its delimiter.

    No cell is changed, but for the apostrophe that derm writes before a formula (:mod:`derm_cli.csv_cells`).
    """

    header: TableRow
    rows: tuple[TableRow, ...]
    delimiter: str


def read_text_table(path: Path, required: Sequence[str] = (), *, strict: bool = False) -> TextTable:
    """Read a CSV table: UTF-8, or UTF-16 with a byte order mark; commas, semicolons, tabs or pipes between cells.

    The header is the first line that names all ``required`` columns, in whatever case: titles and comments may stand
    above it.  Where none does, it is the line that names most of them, else the first that is no comment.  Rows without
    any text, and rows that repeat the header, are left out.  A ``strict`` reader refuses text beside quotes and zero
    bytes, and keeps blanks after a delimiter.  The header of an empty file has no cells.

    Raises TableError where the file cannot be read, is no text, or no CSV.
    """
    text = _text_of(path)
    if strict and "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TableError(f"'{path}' holds a zero byte on line {line}, so it is not CSV in UTF-8: {REMEDY}.")
    lines = [*io.StringIO(text, newline="")]
    start, delimiter = _header_position(lines, [name.casefold() for name in required])
    reader = csv.reader(lines[start:], delimiter=delimiter, strict=strict, skipinitialspace=not strict)
    rows = _numbered(path, reader, start, has_marks="'" in text)
    header = next(rows, TableRow(1, 1, []))
    return TextTable(header, tuple(row for row in rows if row.cells != header.cells), delimiter)


def missing_column(path: Path, column: str, columns: Sequence[str]) -> str:
    """Return the sentence, without its full stop, for a table that has not the ``column``: what it has in its place."""
    names = [name for name in columns if name]
    if not names:
        return f"'{path}' has no column '{column}': it is empty"
    listed = ", ".join(f"'{name}'" for name in names[:COLUMNS_TOLD]) + (", …" if len(names) > COLUMNS_TOLD else "")
    near = did_you_mean(column, names)
    return f"'{path}' has no column '{column}', but {listed}" + (
        f" ({near.strip()})" if near.startswith(" Did") else ""
    )


def _text_of(path: Path) -> str:
    try:
        return decode_text(path.read_bytes())
    except OSError as error:
        raise TableError(f"'{path}' cannot be read ({error.strerror}): give the path of a table.") from error
    except EncodingFault as fault:
        raise TableError(f"'{path}' {fault}, so it is not CSV in UTF-8: {REMEDY}.") from None


def _header_position(lines: list[str], required: list[str]) -> tuple[int, str]:
    """Return the index of the header's first line, and the delimiter."""
    start, delimiters = 0, DELIMITERS
    said = _SEP.fullmatch(lines[0]) if lines else None
    if said:
        start, delimiters = 1, said[1]
    most, position = -1, (start, delimiters[0])
    for number, line in enumerate(lines[start : start + LINES_ABOVE], start):
        named, delimiter = _names_in(line, delimiters, required)
        is_comment = not line.strip() or (line.lstrip().startswith("#") and not named)
        if named > most and not is_comment:
            most, position = named, (number, delimiter)
        if named == len(required) and not is_comment:
            break
    return position


def _names_in(line: str, delimiters: str, required: list[str]) -> tuple[int, str]:
    """Return how many ``required`` columns a line names by the delimiter with which it names most, and that one."""

    def named_by(delimiter: str) -> int:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        # A cell longer than any header's.
        except csv.Error:
            return 0
        return len({cell.strip().casefold() for cell in cells}.intersection(required))

    delimiter = max(delimiters, key=lambda each: (named_by(each), line.count(each)))
    return named_by(delimiter), delimiter


def _numbered(path: Path, reader: Iterator[list[str]], above: int, *, has_marks: bool) -> Iterator[TableRow]:
    """Yield each row that is not blank; a quoted cell may go over several lines.

    ``has_marks`` tells whether there is an apostrophe anywhere, by which derm marks formulas.
    """
    first_line = above + 1
    try:
        for cells in reader:
            last_line = above + reader.line_num  # type: ignore[attr-defined]
            if any(map(str.strip, cells)):
                yield TableRow(first_line, last_line, [original(cell) for cell in cells] if has_marks else cells)
            first_line = last_line + 1
    except csv.Error as error:
        raise TableError(
            f"'{path}', line {first_line}: '{error}' is no CSV, so the file is no table that can be read; save it as "
            "CSV with commas."
        ) from error
