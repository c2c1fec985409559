"""The name of each case's subgroup: a column's values as bands of age, skin types, thirds, or as they are written."""

from __future__ import annotations

import numpy as np

from derm_cli.evaluation.array_types import Strings

THIRDS = ("focus", "brightness")
"""Columns of numbers without bands of their own: they are cut into thirds of the table's cases."""
AGES = (0, 20, 40, 60, 80)
"""Where bands of age begin, in years."""
UNKNOWN = "unknown"
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")


def subgroup_names(column: str, values: Strings) -> Strings:
    """Return the name of the subgroup in which each case lies by its value of ``column``, (n,)."""
    if column in THIRDS:
        return _thirds(values)
    name_of = {"age": _age_band, "sex": _sex, "fitzpatrick": _skin_type}.get(column, str)
    return np.array([name_of(value) or UNKNOWN for value in values.tolist()])


def _thirds(values: Strings) -> Strings:
    numbers = np.array([_number(value) for value in values.tolist()])
    defined = numbers[~np.isnan(numbers)]
    if not len(defined):
        return np.full(len(values), UNKNOWN)
    first, second = np.quantile(defined, (1 / 3, 2 / 3)).tolist()
    names = np.array([f"low third, under {first:.4g}", "middle third", f"high third, from {second:.4g}"])
    of_cases = names[np.searchsorted([first, second], np.nan_to_num(numbers), side="right")]
    return np.where(np.isnan(numbers), UNKNOWN, of_cases)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return np.nan


def _sex(value: str) -> str:
    return {"m": "male", "f": "female"}.get(value.lower(), value.lower())


def _skin_type(value: str) -> str:
    """Return a Fitzpatrick skin type as a digit, however it is written: ``III``, ``3.0``, ``type 3``."""
    numeral = value.upper().removeprefix("TYPE").strip()
    if numeral in SKIN_TYPES:
        return str(SKIN_TYPES.index(numeral) + 1)
    number = _number(numeral)
    return f"{number:g}" if number in range(1, 7) else value


def _age_band(value: str) -> str:
    years = _number(value)
    if not 0 <= years <= 130:
        return UNKNOWN
    start = max(age for age in AGES if age <= years)
    later = [age for age in AGES if age > start]
    return f"{start} to {later[0] - 1}" if later else f"{start} and over"
