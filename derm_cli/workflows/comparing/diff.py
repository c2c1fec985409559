"""The first difference between two sets of JSON values, two tables or two networks, with both values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.nouns import counted

Row = dict[str, str]
Variables = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Difference:
    """The name of what differs first, its two values, and in words how much else differs."""

    name: str
    first: Any
    second: Any
    extent: str = ""

    def __str__(self) -> str:
        sentence = f"{self.name} is '{_text(self.first)}' and '{_text(self.second)}'"
        return f"{sentence}; {self.extent}" if self.extent else sentence


def difference_of_values(first: dict[str, Any], second: dict[str, Any]) -> Difference | None:
    """Compare JSON values by their dotted paths; one that is null is as if it was not there."""
    ours, theirs = flattened(first), flattened(second)
    differing = [path for path in {**ours, **theirs} if ours.get(path) != theirs.get(path)]
    if not differing:
        return None
    extent = f"{counted(len(differing) - 1, 'other')} too" if len(differing) > 1 else ""
    return Difference(differing[0], ours.get(differing[0]), theirs.get(differing[0]), extent)


def flattened(value: Any, path: str = "") -> dict[str, Any]:
    """Return the values inside by dotted path, lists of plain values whole, without those that are null."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        items = dict(enumerate(value)).items()
    else:
        return {} if value is None else {path: value}
    parts = [flattened(item, f"{path}.{key}" if path else str(key)) for key, item in items]
    return {key: plain for part in parts for key, plain in part.items()}


def difference_of_rows(
    first: list[Row], second: list[Row], name_of: Callable[[Row], str], left_out: Collection[str] = ()
) -> Difference | None:
    """Compare tables cell by cell, as text: floats that are written in full then differ where a bit does.

    ``name_of`` gives a row's name.  Columns in ``left_out`` are not compared; one that a single table has is empty in
    the other.
    """
    for ours, theirs in zip_longest(first, second):
        if ours is None or theirs is None:
            return Difference("the number of rows", len(first), len(second), f"the first is {name_of(ours or theirs)}")
        for column in {**ours, **theirs}:
            if column not in left_out and (ours.get(column) or "") != (theirs.get(column) or ""):
                return Difference(f"{name_of(ours)}: {column}", ours.get(column), theirs.get(column))
    return None


def difference_of_variables(first: Variables, second: Variables) -> Difference | None:
    """Compare the variables of two networks bit for bit, in the order of the first."""
    names = {**first, **second}
    differing = [name for name in names if _first_differing_index(first.get(name), second.get(name)) is not None]
    if not differing:
        return None
    name = differing[0]
    alike = [each for each in differing if _dtype_and_shape(first.get(each)) == _dtype_and_shape(second.get(each))]
    extent = f"{len(differing)} of {len(names)} variables differ"
    if alike:
        extent += f", by {max(_largest_distance(first[each], second[each]) for each in alike):.3g} at most"
    if name not in alike:
        return Difference(
            f"variable '{name}'", _dtype_and_shape(first.get(name)), _dtype_and_shape(second.get(name)), extent
        )
    index = np.unravel_index(_first_differing_index(first[name], second[name]) or 0, first[name].shape)
    return Difference(
        f"variable '{name}'{[int(each) for each in index]}", first[name][index], second[name][index], extent
    )


def _largest_distance(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    return float(np.abs(first.astype(float) - second.astype(float)).max())


def _dtype_and_shape(array: npt.NDArray[Any] | None) -> str | None:
    return None if array is None else f"{array.dtype} {array.shape}"


def _first_differing_index(first: npt.NDArray[Any] | None, second: npt.NDArray[Any] | None) -> int | None:
    """Return the flat index of the first number whose bits differ, 0 where the forms do, None where nothing does."""
    if first is None or second is None or _dtype_and_shape(first) != _dtype_and_shape(second):
        return 0
    ours, theirs = (np.ascontiguousarray(each).reshape(-1).view(f"u{each.itemsize}") for each in (first, second))
    differing = np.flatnonzero(ours != theirs)
    return int(differing[0]) if differing.size else None


def _text(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "none" if value is None or not text else text
