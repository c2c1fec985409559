"""Tables as text: for a terminal, for a program (CSV), for a paper (LaTeX), for a page of a repository (Markdown)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from derm_cli import console
from derm_cli.csv_cells import inert, row_writer
from derm_cli.errors import one_line
from derm_cli.evaluation.metrics.metric_table import PERCENT
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Table
from derm_cli.fitting import GAP
from derm_cli.markdown import markdown_table

UNDEFINED = "–"
_ESCAPED = str.maketrans(
    {
        **{each: f"\\{each}" for each in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "–": "--",
        # In LaTeX's oldest encoding, which is its default, these are other letters.
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
)


def shown(cell: Cell) -> str:
    """Return a cell as a person reads it: ``53.6 (47.1–59.9)``, '–' where undefined."""
    if not isinstance(cell, Number):
        return str(cell)
    if cell.value is None:
        return UNDEFINED
    interval = cell.interval
    if interval is None:
        return cell.text(cell.value)
    # A dash before a minus cannot be read.
    between = " to " if interval.low < 0 else "–"
    return f"{cell.text(cell.value)} ({cell.text(interval.low)}{between}{cell.text(interval.high)})"


def as_text(table: Table, width: int | None = None) -> str:
    """Return a table laid out for a terminal: the first column and words to the left, numbers to the right.

    What is wider than ``width`` columns stands below, in as many parts as it takes, the keys in each.
    """
    rows = [[one_line(shown(cell)) for cell in row] for row in (table.header, *table.rows)]
    # Padded here: console.table takes a column with an interval for text.
    columns = [
        [cell.rjust(max(map(len, column))) if numeric and index else cell for cell in column]
        for index, (numeric, column) in enumerate(zip(_numeric(table), zip(*rows, strict=True), strict=True))
    ]
    keys = columns[: table.keys]
    parts: list[list[list[str]]] = [[*keys]]
    for column in columns[table.keys :]:
        needed = sum(max(map(len, each)) + GAP for each in (*parts[-1], column)) - GAP
        if width is not None and needed > width and len(parts[-1]) > len(keys):
            parts.append([*keys])
        parts[-1].append(column)
    texts = []
    for part in parts:
        header, *body = zip(*part, strict=True)
        texts.append(console.table(header, body))
    return "\n\n".join(texts)


def _numeric(table: Table) -> list[bool]:
    """Tell of each column whether it has numbers alone."""
    return [all(isinstance(row[column], int | Number) for row in table.rows) for column in range(len(table.header))]


def as_csv(tables: Iterable[Table]) -> str:
    """Return every number as a line ``sheet,row,figure,value,low,high,method``, in full precision, and what words say.

    ``sheet`` is the name of the table.  Shares are 0..1, whatever the heading says; what is undefined is empty.
    """
    file = io.StringIO(newline="")
    writer = row_writer(file)
    writer.writerow(["sheet", "row", "figure", "value", "low", "high", "method"])
    for table in tables:
        for row in table.rows:
            row_name = inert(" ".join(map(shown, row[: table.keys])))
            for heading, cell in zip(table.header[table.keys :], row[table.keys :], strict=True):
                if isinstance(cell, Number):
                    ends = cell.interval.to_json() if cell.interval else ["", "", ""]
                    value = "" if cell.value is None else cell.value
                    writer.writerow([table.name, row_name, inert(heading.removesuffix(PERCENT.unit)), value, *ends])
                elif cell != "":
                    writer.writerow([table.name, row_name, inert(heading), inert(cell), "", "", ""])
    return file.getvalue()


def as_latex(table: Table) -> str:
    """Return a table as a ``tabular`` with the rules of the package booktabs."""
    lines = [" & ".join(_latex(cell) for cell in row) + r" \\" for row in ([*table.header], *table.rows)]
    columns = "".join("r" if numeric else "l" for numeric in _numeric(table))
    return "\n".join(
        [
            f"% {one_line(table.title)}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def as_markdown(table: Table) -> str:
    """Return a table as GitHub's Markdown has it, under its title; what its cells hold is text, none of it markup."""
    right = [index for index, numeric in enumerate(_numeric(table)) if numeric and index]
    header, *rows = ([_markdown(cell) for cell in row] for row in (table.header, *table.rows))
    return f"**{_markdown(table.title)}**\n\n{markdown_table(header, rows, right)}"


def _markdown(cell: Cell) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", one_line(shown(cell)))


def _latex(cell: Cell) -> str:
    return one_line(shown(cell)).translate(_ESCAPED)
