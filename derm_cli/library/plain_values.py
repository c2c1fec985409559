"""Arguments of Python callers as the plain values that a command line, or derm.toml, can give."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

from derm_cli.errors import RequestError
from derm_cli.library.run import Run

OF_DATASETS = ("chain", "target", "data")
"""The options that name datasets: a path among them is told from a name by its separator."""


def plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with plain values.  Raises RequestError for a value that no option can have."""
    return {name: plain_value(name, value) for name, value in options.items()}


def plain_value(name: str, value: Any) -> Any:
    """Return a value with texts, numbers, lists and mappings alone; a run is its folder.

    Raises RequestError, which names the option, for any other.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Run):
        return f"run:{value.path}" if name in OF_DATASETS else str(value.path)
    if isinstance(value, os.PathLike):
        path = os.fsdecode(value)
        return path if name not in OF_DATASETS or os.sep in path else os.path.join(os.curdir, path)  # noqa: PTH118
    if isinstance(value, Real):
        return int(value) if isinstance(value, Integral) else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain_value(name, each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [plain_value(name, each) for each in value]
    raise RequestError(f"'{name}' is {value!r}, but must be text, a number, a path, or a list of such.")
