"""The facts, requests and plans of the plugins' face as JSON values, and back: for whoever stores them."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from derm_cli.errors import DermError, did_you_mean
from derm_cli.plugin.declared import class_named, mismatch

T = TypeVar("T")
_DTYPES = ("float32", "float64", "uint8")
"""The types of arrays that annotations name."""


def to_json(value: Any) -> Any:
    """Return a value of the plugins' face as JSON values; :func:`from_json` is the way back.

    Of tuples and arrays come lists, of paths texts.  Raises DermError for what is no data: a function, a model, a
    Predictor, whose ``facts`` can be stored.
    """
    kind = type(value)
    if hasattr(kind, "to_json") and hasattr(kind, "from_json"):
        values = value.to_json()
        return json.loads(values) if isinstance(values, str) else values
    if is_dataclass(kind):
        return {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_json(each) for name, each in value.items()}
    return [to_json(each) for each in value] if isinstance(value, tuple | list) else _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise DermError(f"{value!r} is no data and has no form in JSON: store what it was made of.")


def from_json(kind: type[T], values: Any) -> T:
    """Rebuild a value of the class ``kind`` from what :func:`to_json` gave, of this or an earlier version.

    Fields that are not there have their defaults.  Raises DermError where a field is missing, unknown, or not what the
    class declares.
    """
    try:
        value: T = _read_class(kind, values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DermError(f"These values are no {kind.__name__} ({error}): store it with to_json again.") from error
    if wrong := mismatch(value, kind.__name__):
        raise DermError(f"These values are no {kind.__name__}, but {wrong}: store it with to_json again.")
    return value


def _read_class(kind: Any, values: Any) -> Any:
    if hasattr(kind, "to_json") and hasattr(kind, "from_json"):
        # Facts of an artefact stand in its file, as text, which an error names.
        from_text = kind.__name__ == "ArtefactFacts"
        return kind.from_json(json.dumps(values), kind.__name__) if from_text else kind.from_json(values)
    if not isinstance(values, Mapping):
        raise ValueError(f"{values!r} has no fields")
    known = {each.name: each for each in fields(kind)}
    for name in values:
        if name not in known:
            raise ValueError(f"it has no field '{name}'.{did_you_mean(name, known)}")
    for name, each in known.items():
        if name not in values and each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"its field '{name}' is not there")
    return kind(**{name: _read(value, str(known[name].type)) for name, value in values.items()})


def _read(value: Any, annotation: str) -> Any:
    return _read_node(value, ast.parse(annotation, mode="eval").body)


def _read_node(value: Any, node: ast.expr) -> Any:
    """Return a value of JSON as an annotation has it: tuples and arrays for lists, paths for texts."""
    if isinstance(node, ast.BinOp):
        # Of what is stored, only None stands beside a class, and what else stands side by side is read alike.
        return None if value is None else _read_node(value, node.left)
    name = ast.unparse(node.value if isinstance(node, ast.Subscript) else node)
    if isinstance(node, ast.Subscript):
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _read_contents(value, name, inside)
    if name == "Path":
        return Path(value)
    kind = class_named(name)
    if hasattr(kind, "_fields"):
        return kind(*value)
    return _read_class(kind, value) if kind is not None and is_dataclass(kind) else value


def _read_contents(value: Any, name: str, inside: list[ast.expr]) -> Any:
    if name in ("npt.NDArray", "np.ndarray"):
        import numpy as np

        return np.asarray(value, dtype=next((each for each in _DTYPES if each in ast.unparse(inside[0])), None))
    if name == "tuple" and isinstance(value, list):
        is_even = len(inside) == 2 and ast.unparse(inside[1]) == "..."
        return tuple(_read_node(each, inside[0 if is_even else place]) for place, each in enumerate(value))
    if name in ("Mapping", "dict") and isinstance(value, Mapping):
        return {key: _read_node(each, inside[1]) for key, each in value.items()}
    return value
