"""The epochs that a run has had, from its ``history.csv``: so a tracker that comes later misses none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from derm_cli.plugin import read_rows

if TYPE_CHECKING:
    from derm_cli.plugin import RunFacts

HISTORY = "history.csv"
TEXTS = ("stage_name", "phase_name")


def read_epochs(run: RunFacts) -> list[dict[str, str]]:
    """Return every epoch of a run as cells by column; none for a run that was not trained, as an ensemble."""
    path = run.folder / HISTORY
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return read_rows(file)


def timed(epochs: list[dict[str, str]]) -> Iterator[tuple[int, float, dict[str, str]]]:
    """Yield each epoch with its number over the whole run, from 1, and when it ended, in seconds since 1970.

    That is when it would have ended, had the run never been interrupted: the last one just now.
    """
    now = time.time()
    for step, epoch in enumerate(epochs, start=1):
        yield step, now - sum(float(later["seconds"]) for later in epochs[step:]), epoch


def numbers(epoch: dict[str, str]) -> dict[str, float]:
    """Return the numbers of an epoch by column: not its names, nor cells that are empty, True or False."""
    found = {name: _number(cell) for name, cell in epoch.items() if name not in TEXTS}
    return {name: number for name, number in found.items() if number is not None}


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
