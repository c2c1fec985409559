"""What differs first between two sets of facts, two tables or two networks, with both values."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

Row = dict[str, str]
Variables = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Difference:
    """What differs first, its two values, and in words how much else differs."""

    what: str
    first: Any
    second: Any
    extent: str = ""

    def __str__(self) -> str:
        said = f"{self.what} is '{_said(self.first)}' and '{_said(self.second)}'"
        return f"{said}; {self.extent}" if self.extent else said


def between_facts(first: dict[str, Any], second: dict[str, Any]) -> Difference | None:
    """Compare JSON values by their dotted paths; one that is null is as if it was not there."""
    ours, theirs = flat(first), flat(second)
    unlike = [key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)]
    if not unlike:
        return None
    extent = f"{counted(len(unlike) - 1, 'other')} too" if len(unlike) > 1 else ""
    return Difference(unlike[0], ours.get(unlike[0]), theirs.get(unlike[0]), extent)


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return the values inside by dotted path, lists of plain values whole, without those that are null."""
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        inside = dict(enumerate(value)).items()
    else:
        return {} if value is None else {path: value}
    below = [flat(each, f"{path}.{key}" if path else str(key)) for key, each in inside]
    return {key: each for one in below for key, each in one.items()}


def between_rows(
    first: list[Row], second: list[Row], named: Callable[[Row], str], left_out: Collection[str] = ()
) -> Difference | None:
    """Compare tables cell by cell, as text: floats that are written in full then differ where a bit does.

    ``named`` tells a row's name.  Columns in ``left_out`` are not compared; one that only one table has is empty in the
    other.
    """
    for one, other in zip_longest(first, second):
        if one is None or other is None:
            return Difference("the number of rows", len(first), len(second), f"the first is {named(one or other)}")
        for column in {**one, **other}:
            if column not in left_out and (one.get(column) or "") != (other.get(column) or ""):
                return Difference(f"{named(one)}: {column}", one.get(column), other.get(column))
    return None


def between_variables(first: Variables, second: Variables) -> Difference | None:
    """Compare the variables of two networks bit for bit, in the order of the first."""
    everything = {**first, **second}
    unlike = [name for name in everything if _place(first.get(name), second.get(name)) is not None]
    if not unlike:
        return None
    name = unlike[0]
    fitting = [each for each in unlike if _form(first.get(each)) == _form(second.get(each))]
    extent = f"{len(unlike)} of {len(everything)} variables differ"
    if fitting:
        extent += f", by {max(_distance(first[each], second[each]) for each in fitting):.3g} at most"
    if name not in fitting:
        return Difference(f"variable '{name}'", _form(first.get(name)), _form(second.get(name)), extent)
    place = np.unravel_index(_place(first[name], second[name]) or 0, first[name].shape)
    return Difference(
        f"variable '{name}'{[int(each) for each in place]}", first[name][place], second[name][place], extent
    )


def _distance(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).max())


def _form(array: npt.NDArray[Any] | None) -> str | None:
    return None if array is None else f"{array.dtype} {array.shape}"


def _place(one: npt.NDArray[Any] | None, other: npt.NDArray[Any] | None) -> int | None:
    """Return the flat index of the first number whose bits differ, 0 where the forms do, None where nothing does."""
    if one is None or other is None or _form(one) != _form(other):
        return 0
    ours, theirs = (np.ascontiguousarray(each).reshape(-1).view(f"u{each.itemsize}") for each in (one, other))
    unlike = np.flatnonzero(ours != theirs)
    return int(unlike[0]) if unlike.size else None


def _said(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "none" if value is None or not text else text


def counted(number: int, what: str) -> str:
    """Return the number with its noun: ``1 epoch``, ``2 epochs``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
