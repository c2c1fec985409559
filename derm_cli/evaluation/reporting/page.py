"""Pages as one HTML file each: what a report and a study's report have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derm_cli.evaluation.reporting.formats import UNDEFINED, shown
from derm_cli.evaluation.reporting.plots.line_styles import COLOURS, DARK_PAGE_COLOURS
from derm_cli.evaluation.reporting.tables.subgroups import MAY_BE_CHANCE
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Table
from derm_cli.templates import rendered

WARNING = "warning"
"""The heading of a last column that says why a row tells little."""
NARROW = 4
"""Columns up to which a table has room for its intervals beside the values."""
PHRASE = 24
"""Letters beyond which a cell of words has more room in a wide table, so that it is not a column of single words."""
NONE_TOLD = "None: see below for all."
"""What stands in the place of a table all of whose rows are folded."""


def rendered_page(template: str, **facts: Any) -> str:
    """Return the page of a template of this folder, which is given ``facts`` and what tables and plots are shown by."""
    return rendered(
        __package__,
        template,
        **facts,
        colours=COLOURS,
        dark_page_colours=DARK_PAGE_COLOURS,
        shown=shown,
        is_number=lambda cell: isinstance(cell, Number | int),
        is_numeric=_is_numeric,
        interval=_interval,
        sort_key=_sort_key,
        narrow=NARROW,
        phrase=PHRASE,
        warning=WARNING,
        may_be_chance=MAY_BE_CHANCE,
        none_told=NONE_TOLD,
        undefined=UNDEFINED,
    )


def _is_numeric(table: Table, column: int) -> bool:
    """Tell whether a column has numbers, and beside them nothing but empty cells."""
    cells = [row[column] for row in table.rows if row[column] != ""]
    return bool(cells) and all(isinstance(cell, Number | int) for cell in cells)


def _interval(cell: Cell) -> str:
    """Return the interval of a cell as it is shown, '' without one."""
    return shown(cell).partition(" ")[2] if isinstance(cell, Number) and cell.value is not None else ""


def _sort_key(cells: Sequence[Cell]) -> str:
    """Return what a column is sorted by: numbers as they are, '' for what is undefined."""
    if len(cells) == 1 and isinstance(cells[0], Number):
        return "" if cells[0].value is None else repr(cells[0].value)
    return " ".join(map(shown, cells))
