"""The table of what a study took: time, energy, where, and how large its models are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from derm_cli.evaluation.reporting.tables.table import Cell, Number, Row, Table
from derm_cli.studies.judging.answers import RowAnswers, seconds_of
from derm_cli.studies.judging.cost import StudyCost, Taken

NOT_TOLD = "not told by this machine"
"""In the place of energy, where a machine has no counters, or lets nobody read them."""
SHARED, SAVED = "shared by several rows", "saved by sharing"
_JOULES_OF_A_WATT_HOUR = 3600.0


def cost_table(rows: Sequence[RowAnswers], cost: StudyCost) -> Table:
    """Return what each row took, then what rows share, and what that saved.

    ``training`` are the minutes of epochs, ``all`` those from the beginning of a run to its end; of what is shared,
    those of its stages.
    """
    lines = [_line(row, cost.rows[row.name]) for row in rows]
    if cost.beginnings:
        for name, taken in ((SHARED, cost.shared), (SAVED, cost.saved)):
            minutes = Number(taken.seconds / 60, scale=1, decimals=1)
            lines.append((name, "", "", minutes, "", *_energy(taken), "", ""))
    header = (
        "row",
        "trainings",
        "training, min",
        "all, min",
        "stages from the store",
        "energy, Wh",
        "energy of",
        "smallest export, MB",
        "machine",
    )
    return Table("cost", "What it took", header, tuple(lines))


def _line(row: RowAnswers, taken: Taken) -> Row:
    records = [run.record for run in row.runs]
    seconds = [value for each in row.finished if (value := seconds_of(each)) is not None]
    whole = [
        (datetime.fromisoformat(each.ended) - datetime.fromisoformat(each.started)).total_seconds()
        for each in records
        if each.ended and each.started
    ]
    stored = sum(stage.is_from_store for each in records for stage in each.stages)
    machines = dict.fromkeys(str(each.environment.get("machine", "")) for each in records)
    smallest = row.smallest_export
    return (
        row.name,
        f"{len(records)} of {len(row.trainings)}",
        Number(sum(seconds) / 60 if seconds else None, scale=1, decimals=1),
        Number(sum(whole) / 60 if whole else None, scale=1, decimals=1),
        stored,
        *_energy(taken),
        Number(None if smallest is None else smallest / 1e6, scale=1, decimals=1),
        "; ".join(filter(None, machines)),
    )


def _energy(taken: Taken) -> tuple[Cell, Cell]:
    if taken.joules is None:
        return (NOT_TOLD if taken.is_measured else "", "")
    return Number(taken.joules / _JOULES_OF_A_WATT_HOUR, scale=1, decimals=2), ", ".join(taken.devices)
