"""Sheets as text: for a terminal, for a program (CSV), for a paper (LaTeX)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from derm_cli.console import table
from derm_cli.evaluation.reporting.tables.table import Cell, Table, Value

UNDEFINED = "–"
GAP = 2
"""Blanks between two columns of :func:`derm_cli.console.table`."""
_ESCAPED = str.maketrans(
    {
        **{each: f"\\{each}" for each in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "–": "--",
    }
)


def shown(cell: Cell) -> str:
    """Return a cell as a person reads it: ``53.6 (47.1–59.9)``, '–' where undefined."""
    if not isinstance(cell, Value):
        return str(cell)
    if cell.value is None:
        return UNDEFINED
    interval = cell.interval
    if interval is None:
        return cell.number(cell.value)
    # A dash before a minus cannot be read.
    between = " to " if interval.low < 0 else "–"
    return f"{cell.number(cell.value)} ({cell.number(interval.low)}{between}{cell.number(interval.high)})"


def as_text(sheet: Table, width: int | None = None) -> str:
    """Return a sheet laid out for a terminal: the first column and words to the left, figures to the right.

    What is wider than ``width`` columns stands below, in as many parts as it takes, the keys in each.
    """
    rows = [sheet.header, *([shown(cell) for cell in row] for row in sheet.rows)]
    # Padded here: console.table takes a column with an interval for text.
    columns = [
        [cell.rjust(max(map(len, column))) if figures and place else cell for cell in column]
        for place, (figures, column) in enumerate(zip(_right(sheet), zip(*rows, strict=True), strict=True))
    ]
    keys = columns[: sheet.keys]
    parts: list[list[list[str]]] = [[*keys]]
    for column in columns[sheet.keys :]:
        taken = sum(max(map(len, each)) + GAP for each in (*parts[-1], column)) - GAP
        if width is not None and taken > width and len(parts[-1]) > len(keys):
            parts.append([*keys])
        parts[-1].append(column)
    texts = []
    for part in parts:
        header, *body = zip(*part, strict=True)
        texts.append(table(header, body))
    return "\n\n".join(texts)


def _right(sheet: Table) -> list[bool]:
    """Tell of each column whether it has figures alone."""
    return [all(isinstance(row[place], int | Value) for row in sheet.rows) for place in range(len(sheet.header))]


def as_csv(sheets: Iterable[Table]) -> str:
    """Return every figure as a line ``sheet,row,figure,value,low,high,method``, in full precision, and what words say.

    Shares are 0..1, whatever the sheet's heading says; what is undefined is empty.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["sheet", "row", "figure", "value", "low", "high", "method"])
    for sheet in sheets:
        for row in sheet.rows:
            named = " ".join(map(shown, row[: sheet.keys]))
            for heading, cell in zip(sheet.header[sheet.keys :], row[sheet.keys :], strict=True):
                if isinstance(cell, Value):
                    ends = cell.interval.to_json() if cell.interval else ["", "", ""]
                    value = "" if cell.value is None else cell.value
                    writer.writerow([sheet.name, named, heading.removesuffix(" %"), value, *ends])
                elif cell != "":
                    writer.writerow([sheet.name, named, heading, cell, "", "", ""])
    return file.getvalue()


def as_latex(sheet: Table) -> str:
    """Return a sheet as a ``tabular`` with the rules of the package booktabs."""
    lines = [" & ".join(_latex(each) for each in row) + r" \\" for row in ([*sheet.header], *sheet.rows)]
    columns = "".join("r" if figures else "l" for figures in _right(sheet))
    return "\n".join(
        [
            f"% {sheet.title}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def _latex(cell: Cell) -> str:
    return shown(cell).translate(_ESCAPED)
