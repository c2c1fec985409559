"""Holds what a publisher's table says of a photograph to the values that its column can have: an age of 850 is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from derm_cli.plugin.metadata_fields import MetadataField
from derm_cli.plugin.missing import is_unknown
from derm_cli.plugin.names import canonical_names, clean_name
from derm_cli.plugin.records import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, RecordColumn, answer_column
from derm_cli.plugin.subgroup_columns import SubgroupColumn

REFUSED = ("case_id", "column", "value")
"""The columns of a table of refused values."""
IDENTITIES = ("patient", "lesion")
"""Columns of names that keep photographs together."""


def clean(
    frame: pd.DataFrame, fields: Sequence[MetadataField] = (), subgroups: Sequence[SubgroupColumn] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return records with impossible values made missing, and a table of these with a row a value: :data:`REFUSED`.

    Values are held to :data:`derm_cli.plugin.RECORD_COLUMNS`, to ``fields``, questions of the dataset's own, and to
    ``subgroups``, its own columns of subgroups; numbers become floats.  Blanks around texts are taken off, and an empty
    text is missing, as is a word for 'unknown'; that of a required column is empty, not missing.
    Cases have their names as they look, :func:`derm_cli.plugin.clean_name`, whatever system wrote them.
    Patients and lesions whose names look the same get the same name.
    """
    cleaned = frame.copy()
    refused = []
    own = {each.name: each.record_column for each in subgroups}
    columns = {**own, **{field.name: answer_column(field) for field in fields}, **OPTIONAL_COLUMNS}
    for name in REQUIRED_COLUMNS:
        cleaned[name] = [_text(value) or "" for value in frame[name]]
    cleaned["case_id"] = _case_ids(cleaned["case_id"].tolist(), cleaned["file"].tolist())
    for name in map(str, frame.columns):
        column = columns.get(name)
        if column is None:
            continue
        values = [_accepted(column, value) for value in frame[name]]
        for case_id, raw, value in zip(cleaned["case_id"], frame[name], values, strict=True):
            if value is None and _known_text(name, raw) is not None:
                refused.append((case_id, name, _written(raw)))
        if name in IDENTITIES:
            names = canonical_names(value for value in values if isinstance(value, str))
            values = [names[value] if isinstance(value, str) else None for value in values]
        dtype = "float64" if column.kind == "number" else "object"
        cleaned[name] = pd.Series(values, index=frame.index, dtype=dtype)
    return cleaned, pd.DataFrame(refused, columns=list(REFUSED), dtype=str)


def _case_ids(names: list[str], files: list[str]) -> list[str]:
    """Return the names of cases as they look; of files whose names look the same, each after the first has a number."""
    cleaned, used = [], dict[str, str]()
    for name, file in zip(names, files, strict=True):
        case = unnumbered = clean_name(name)
        number = 1
        while name == file and used.setdefault(case, file) != file:
            number += 1
            case = f"{unnumbered}-{number}"
        cleaned.append(case)
    return cleaned


def _accepted(column: RecordColumn, value: Any) -> float | str | None:
    """Return a value as its column has it, None where it is missing or none that the column can have."""
    if column.kind == "text":
        text = _known_text(column.name, value)
        return text if not column.choices or column.accepts(text) else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if column.accepts(number) else None


def _written(value: Any) -> str:
    """Return a value as a table has it: 850, not 850.0."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _known_text(column: str, value: Any) -> str | None:
    """Return a value of an optional column as text, None where it says that nothing is known."""
    text = _text(value)
    # An age below zero is refused, and told of: it may be a mistake.
    return None if text is None or is_unknown(text, column if column in IDENTITIES else "") else text


def _text(value: Any) -> str | None:
    """Return a value as text without blanks around it, None where nothing is known."""
    return None if pd.isna(value) else str(value).strip() or None
