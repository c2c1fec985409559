"""How often something holds, with its Monte-Carlo error, and tables of it in Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.report import Table
from derm_cli.markdown import markdown_table


@dataclass
class Tally:
    """How many of those that were asked about were given, and of these how many held."""

    asked: int = 0
    given: int = 0
    held: int = 0

    def count(self, held: bool | None) -> None:
        """Count one more: whether it held, None where it was not given."""
        self.asked += 1
        self.given += held is not None
        self.held += held is True

    @property
    def share(self) -> float:
        """The share that held of those that were given, 0..1; NaN where none was."""
        return self.held / self.given if self.given else float("nan")

    @property
    def error(self) -> float:
        """The Monte-Carlo standard error of ``share``, of one that never failed too (Agresti and Coull 1998)."""
        share = (self.held + 2) / (self.given + 4)
        return float((share * (1 - share) / (self.given + 4)) ** 0.5)

    def cell(self) -> str:
        """Return it in percent: ``95.2 ± 0.7``, and how many were not given: ``95.2 ± 0.7, 41 none``."""
        if not self.given:
            return "none" if self.asked else ""
        none = round(100 * (1 - self.given / self.asked))
        return f"{100 * self.share:.1f} ± {100 * self.error:.1f}" + (f", {none} none" if none else "")


def markdown(table: Table) -> str:
    """Return a table as Markdown, its title above it."""
    return f"**{table.title}**\n\n{markdown_table(table.headers, table.rows)}"


def table_of(title: str, first: str, tallies: dict[str, dict[str, Tally]]) -> Table:
    """Return tallies, by row and column, as a table; ``first`` heads the names of the rows."""
    columns = list(dict.fromkeys(column for row in tallies.values() for column in row))
    rows = [[name, *(row[each].cell() if each in row else "" for each in columns)] for name, row in tallies.items()]
    return Table(title, [first, *columns], rows)
