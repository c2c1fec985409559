"""The folder of a report with the mean answers of each row, and the table that tells which file is which row's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from derm_cli.csv_cells import inert, row_writer
from derm_cli.evaluation.predictions import Predictions, write_predictions
from derm_cli.files import whole

ROWS = "rows.csv"


def write_answers(tables: Mapping[str, Predictions], folder: Path) -> None:
    """Write the table of each row into ``folder``, by number from 0001, and :data:`ROWS` with number and name.

    What an earlier report left there goes: a row may have had another number, or figures that it has no more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.csv"):
        if path.name == ROWS or path.stem.isdecimal():
            path.unlink()
    numbers = {f"{number:04d}": name for number, name in enumerate(tables, start=1)}
    for number, name in numbers.items():
        write_predictions(tables[name], folder / f"{number}.csv")
    with whole(folder / ROWS) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = row_writer(file)
        writer.writerow(["number", "row"])
        writer.writerows([number, inert(name)] for number, name in numbers.items())
