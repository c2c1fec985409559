"""Cells of CSV files: what a spreadsheet would run gets an apostrophe before it, and any line end is quoted."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from derm_cli.frames import texts_in_python

if TYPE_CHECKING:
    import _csv

    import pandas as pd

# Spreadsheets take the wide forms of the signs for the signs, and some skip the blanks before them.
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠].", re.DOTALL)
_MARKED = re.compile(r"'+\s*[=+\-@＝＋－＠].", re.DOTALL)


def inert(cell: Any) -> Any:
    """Return a cell so that a spreadsheet takes it for text; what is no text, and a number, stays as it is."""
    # What begins with a letter or a digit, as nearly every cell does, is asked nothing more.
    if not isinstance(cell, str) or cell[:1].isalnum() or not _FORMULA.match(cell) or _is_number(cell):
        return cell
    return f"'{cell}"


def original(cell: str) -> str:
    """Return the cell that :func:`inert` was given."""
    return cell[1:] if cell[:1] == "'" and _MARKED.match(cell) else cell


def inert_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with every text, and every name of a column, as :func:`inert` has it."""
    return _mapped(frame, inert)


class _LineFeeds:
    """A file for a writer whose rows end in CR LF, which quotes both in cells therefore; its lines end in LF alone."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, row: str) -> int:
        """Write a row with its end."""
        return self._file.write(row.removesuffix("\r\n") + "\n")


def row_writer(file: IO[str], *, has_carriage_returns: bool = True) -> _csv.Writer:
    """Return a writer of rows into a file that was opened with ``newline=""``.

    Python's own writer leaves a bare carriage return without quotes, and it is read back as the end of a row.  Where
    the cells have none, which ``has_carriage_returns`` tells, it is used: the same bytes in half the time.
    """
    if not has_carriage_returns:
        return csv.writer(file, lineterminator="\n")
    return csv.writer(_LineFeeds(file), lineterminator="\r\n")


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a table that :func:`read_frame` reads back: :func:`inert_frame` of it, without its index."""
    with path.open("w", encoding="utf-8", newline="") as file:
        inert_frame(frame).to_csv(_LineFeeds(file), index=False, lineterminator="\r\n")  # type: ignore[call-overload]


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table of text that was written by :func:`write_frame`; an empty cell is ''."""
    import pandas as pd

    with texts_in_python():
        return _mapped(pd.read_csv(path, dtype=str, keep_default_na=False), original)


def _mapped(frame: pd.DataFrame, function: Callable[[Any], Any]) -> pd.DataFrame:
    """Return a table with ``function`` of each cell; a column that it does not change is not touched, nor its type."""
    import pandas as pd

    changed = {}
    for name in frame.select_dtypes(exclude=["number", "bool"]):
        before = frame[name].tolist()
        after = [function(cell) for cell in before]
        if any(new is not old for new, old in zip(after, before, strict=True)):
            changed[str(name)] = pd.Series(after, index=frame.index, dtype=object)
    return frame.assign(**changed).rename(columns=function)


def read_rows(lines: Iterable[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV table by column, each cell as it was before :func:`inert`."""
    return [
        {original(name): original(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        for row in csv.DictReader(lines)
    ]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
