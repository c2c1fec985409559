"""Rows of a grid: every combination of the values of its options, but for those that are excluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.studies.asking.spec import StudyRow, TrainOptions

MOST_ROWS = 5000
"""More rows are taken for a mistake."""


def grid_rows(
    grid: Mapping[str, Sequence[Any]],
    exclude: Sequence[Mapping[str, Any]],
    common: Mapping[str, Any],
    options: TrainOptions,
) -> list[StudyRow]:
    """Return the rows of a ``grid`` of options by name, each with the ``common`` ones beside its own.

    Of each option the value that ``derm train`` takes by itself comes first, so the first row is the one with
    everything at its default, where that is in the grid; else the first value that was given.  A row is called by its
    values of what varies.  An entry of ``exclude`` takes out the rows that have one of its values of each of its
    options.
    Raises RequestError where an entry names no option of the grid, none of its values, or no row, and where none is
    left.
    """
    if not grid:
        return []
    count = 1
    for values in grid.values():
        count *= len(values)
    if count > MOST_ROWS:
        raise RequestError(f"The grid has '{count}' rows, but a study has at most {MOST_ROWS}: give fewer values.")
    axes = {name: _default_first(values, options.default(name, common)) for name, values in grid.items()}
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    for entry in exclude:
        wanted = {name: _excluded_values(name, value, grid) for name, value in entry.items()}
        kept = [each for each in combinations if not all(each[name] in values for name, values in wanted.items())]
        if len(kept) == len(combinations):
            raise RequestError(f"The exclusion {_text_of(entry)} takes out no row that is still there: leave it out.")
        combinations = kept
    if not combinations:
        raise RequestError("The exclusions leave no row of the grid: leave one of them out.")
    varied = [name for name, values in axes.items() if len(values) > 1] or list(axes)
    return [StudyRow(row_name({name: each[name] for name in varied}), {**common, **each}) for each in combinations]


def _default_first(values: Sequence[Any], default: Any) -> list[Any]:
    return sorted(values, key=lambda value: value != default)


def _excluded_values(name: str, value: Any, grid: Mapping[str, Sequence[Any]]) -> list[Any]:
    if name not in grid:
        raise RequestError(f"An exclusion names '{name}', which the grid does not vary.{did_you_mean(name, grid)}")
    values = [value] if value in grid[name] or not isinstance(value, list) else value
    for each in values:
        if each not in grid[name]:
            known = did_you_mean(shown_value(each), map(shown_value, grid[name]))
            raise RequestError(f"An exclusion names {name} '{shown_value(each)}', which the grid has not.{known}")
    return values


def row_name(values: Mapping[str, Any]) -> str:
    """Return what a row is called that has these values of options."""
    return "; ".join(f"{name} {shown_value(value)}" for name, value in values.items())


def _text_of(entry: Mapping[str, Any]) -> str:
    return "'" + ", ".join(f"{name} = {shown_value(value)}" for name, value in entry.items()) + "'"


def shown_value(value: Any) -> str:
    """Return a value of an option as a table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(map(shown_value, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "none"
