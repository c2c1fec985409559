"""What a benchmark hands over: tables to print, sentences below them, and every number for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from derm_cli.console import table


@dataclass(frozen=True)
class Table:
    """A table with its title."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Report:
    """What a benchmark measured; ``results`` holds each round's numbers as they were measured, as JSON values."""

    tables: Sequence[Table]
    notes: Sequence[str] = ()
    results: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as it is printed."""
        parts = [f"{each.title}\n\n{table(each.headers, each.rows)}" for each in self.tables]
        return "\n\n".join([*parts, *self.notes])
