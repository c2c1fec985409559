"""Tables as data: headings, rows, and numbers that know how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.metric_table import Metric


@dataclass(frozen=True)
class Number:
    """A number as it is shown: ``value`` times ``scale`` with ``decimals``; None is undefined, never a zero."""

    value: float | None
    interval: Interval | None = None
    scale: float = 100.0
    decimals: int = 1

    def text(self, value: float) -> str:
        """Return a value, the number's own or an end of its interval, as text."""
        # Plus 0.0: a little below zero is no '-0.0'.
        return f"{round(self.scale * value, self.decimals) + 0.0:.{self.decimals}f}"


@dataclass(frozen=True)
class PValue(Number):
    """A p-value as it is shown: with four decimals, and a small one as less than these, never as zero."""

    scale: float = 1.0
    decimals: int = 4

    def text(self, value: float) -> str:
        """Return the value as text."""
        return "<0.0001" if value < SMALLEST_P else super().text(value)


SMALLEST_P = 0.00005
"""Below it four decimals would show a zero."""
Cell = str | int | Number
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table: ``name`` for programs, ``title`` for people, the columns' headings, and the rows.

    The first ``keys`` columns tell which row it is.  The last ``folded`` rows are shown where they are asked for;
    ``fold_title`` says what they are, in a sentence.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    keys: int = 1
    folded: int = 0
    fold_title: str = ""

    @property
    def told(self) -> Table:
        """The table without the rows that are folded."""
        return replace(self, rows=self.rows[: len(self.rows) - self.folded], folded=0)

    @property
    def rest(self) -> Table | None:
        """The folded rows as a table of their own, None where none is."""
        if not self.folded:
            return None
        return replace(self, title=self.fold_title, rows=self.rows[len(self.rows) - self.folded :], folded=0)


def metric_cell(metric: Metric, value: float | None, interval: Interval | None = None) -> Number:
    """Return the value of a metric as it is shown under the metric's heading."""
    return Number(value, interval, metric.scale.factor, metric.scale.decimals)


CLASS_HEADINGS = ("class", "true class", "predicted")
"""The headings of columns that have a class's name in each cell."""


def class_title(titles: Mapping[str, str], heading: str, cell: Cell) -> str:
    """Return what the name of a class stands for, where ``cell`` of a column is one; else ""."""
    title = titles.get(str(cell), "") if heading in CLASS_HEADINGS else ""
    return "" if title == str(cell) else title


def with_class_titles(table: Table, titles: Mapping[str, str]) -> Table:
    """Return the table with what its classes' names stand for beside them."""

    def titled(heading: str, cell: Cell) -> Cell:
        title = class_title(titles, heading, cell)
        return f"{cell} {title}" if title else cell

    rows = tuple(
        tuple(titled(heading, cell) for heading, cell in zip(table.header, row, strict=True)) for row in table.rows
    )
    return replace(table, rows=rows)
