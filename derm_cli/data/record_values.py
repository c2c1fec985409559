"""What a publisher's table says of a photograph, held to what it can be: an age of 850 is none."""

from __future__ import annotations

from typing import Any

import pandas as pd

from derm_cli.plugin.testing import KNOWN_VALUES, OLDEST_YEARS

REFUSED = ("case_id", "column", "value")
NUMBERS = ("age", "fitzpatrick")
TEXTS = ("patient", "lesion", "site", "mask")


def clean(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return records with what cannot be made missing, and what was refused: a row a value, case_id, column, value.

    An age is from 0 to 120 years, a Fitzpatrick skin type from 1 to 6, both as floats; other columns that have a known
    set of values (:class:`derm_cli.plugin.DatasetSpec` lists them) have one of these.  Blanks around texts are taken
    off, and an empty text is missing; so is one of a case, a file, a label or a diagnosis, but empty, not missing.
    """
    cleaned = frame.copy()
    refused = []
    for column in ("case_id", "file", "label", "diagnosis"):
        cleaned[column] = [_text(value) or "" for value in frame[column]]
    for column in map(str, frame.columns):
        if column in TEXTS:
            cleaned[column] = pd.Series([_text(value) for value in frame[column]], index=frame.index, dtype=object)
        elif column == "age" or column in KNOWN_VALUES:
            understood = [_understood(column, value) for value in frame[column]]
            for case, value, known in zip(cleaned["case_id"], frame[column], understood, strict=True):
                if known is None and _text(value) is not None:
                    refused.append((case, column, _written(value)))
            kind = "float64" if column in NUMBERS else "object"
            cleaned[column] = pd.Series(understood, index=frame.index, dtype=kind)
    return cleaned, pd.DataFrame(refused, columns=list(REFUSED), dtype=str)


def _understood(column: str, value: Any) -> float | str | None:
    """Return a value that its column can have, else None."""
    if column not in NUMBERS:
        text = _text(value)
        return text if text in KNOWN_VALUES[column] else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    fits = 0 <= number <= OLDEST_YEARS if column == "age" else number in KNOWN_VALUES[column]
    return number if fits else None


def _written(value: Any) -> str:
    """Return a value as a table has it: 850, not 850.0."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _text(value: Any) -> str | None:
    """Return a value as text without blanks around it, None where nothing is known."""
    return None if pd.isna(value) else str(value).strip() or None
