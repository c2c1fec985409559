"""Brings what a loader reads off its tables into the form of derm's records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import NUMBER_COLUMNS, REQUIRED_COLUMNS
from derm_datasets.metadata_values import PARSERS, answer_parser, parse_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from derm_cli.plugin import LesionClass, MetadataField


def as_records(frame: pd.DataFrame, fields: Sequence[MetadataField] = ()) -> pd.DataFrame:
    """Bring a loader's columns into the form of derm's records, :data:`derm_cli.plugin.RECORD_COLUMNS`.

    What every record must have is text; of the rest, spellings are translated, numbers are numbers, and whatever means
    unknown is missing.  What is not understood stays as it is: derm refuses it, and tells of it.  ``fields`` are the
    dataset's questions, of which some may be its own.
    """
    import pandas as pd

    frame = frame.copy()
    parsers = {**{field.name: answer_parser(field) for field in fields}, **PARSERS}
    number_columns = {*NUMBER_COLUMNS, *(field.name for field in fields if field.kind == "number")}
    for column in map(str, frame):
        if column in REQUIRED_COLUMNS:
            # A column in which nothing is known is one of numbers to pandas.
            frame[column] = frame[column].astype("object").fillna("").astype(str)
        elif column in parsers:
            cells = frame[column].astype("object")
            parsed = {cell: parse_value(column, cell, parsers[column]) for cell in cells.dropna().unique()}
            values = [None if pd.isna(cell) else parsed[cell] for cell in cells]
            numbers = column in number_columns and not any(isinstance(value, str) for value in values)
            frame[column] = pd.Series(values, index=frame.index, dtype="float64" if numbers else "object")
    return frame


def optional_columns(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, pd.Series[str]]:
    """Return the columns of records that a publisher's table has; ``names`` tells what each is called there."""
    return {column: table[name] for column, name in names.items() if name in table}


def unique_names(names: pd.Series[str]) -> pd.Series[str]:
    """Make names unique: the second 'x' becomes 'x-2', the third 'x-3'."""
    occurrence = names.groupby(names).cumcount() + 1
    return names.where(occurrence == 1, names + "-" + occurrence.astype(str))


def first_diagnoses(classes: Iterable[LesionClass]) -> dict[str, str]:
    """Return the diagnosis of a record of which no more than its class is known: the first that the class names."""
    return {each.name: each.diagnoses[0] for each in classes}
