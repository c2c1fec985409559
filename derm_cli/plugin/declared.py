"""Whether a value is what an annotation of the plugins' face declares.

Annotations are read as text, and a library's types are looked up only where the library is imported already: what was
not imported can have made no value.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from typing import Any
from weakref import WeakValueDictionary

from derm_cli.plugin import lazy

_LIBRARIES = {"pd": "pandas", "np": "numpy", "keras": "keras", "click": "click"}
"""The libraries that annotations name, by their names there."""
_PLAIN: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bytes": bytes,
    "bool": bool,
    "int": Integral,
    "float": Real,
    "list": list,
    "dict": dict,
    "tuple": tuple,
    "Mapping": Mapping,
    "Sequence": Sequence,
    "frozenset": Set,
}
_CALLABLES = frozenset({"Callable", "View", "Loss"})
_KINDS = {"float32": "f", "float64": "f", "floating": "f", "integer": "iu", "uint8": "u", "bool_": "b"}
"""What NumPy calls the kinds of numbers that an array may be declared to have."""

_FITTING: WeakValueDictionary[tuple[int, Any], Any] = WeakValueDictionary()
"""Frozen values that were what was declared, by their identity and that type, for as long as they are there."""


def mismatch(value: object, annotation: str) -> str:
    """Return what ``value`` is where ``annotation`` declares something else, as in ``a list``; '' where it fits.

    Of dataclasses, tuples and mappings the contents are checked too: ``a Phase with 'epochs' 2.5, which is no int``.
    """
    return _mismatch(value, _parsed(annotation))


@cache
def _parsed(annotation: str) -> ast.expr:
    return ast.parse(annotation, mode="eval").body


def result_of(annotation: str) -> str:
    """Return what a function gives that is annotated as ``Callable[[…], RESULT]``, or such or None; '' for none."""
    for node in ast.walk(_parsed(annotation)):
        if isinstance(node, ast.Subscript) and _name(node.value) == "Callable" and isinstance(node.slice, ast.Tuple):
            return ast.unparse(node.slice.elts[1])
    return ""


def described(value: object) -> str:
    """Return what a value is, for a sentence: ``None``, or its type and a short value as in ``the str 'x'``."""
    if value is None or isinstance(value, bool):
        return repr(value)
    name = type(value).__name__
    if isinstance(value, str | int | float):
        return f"the {name} {value!r}"
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _mismatch(value: Any, node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _mismatch(value, _parsed(node.value))
        return "" if value is node.value else described(value)
    if isinstance(node, ast.BinOp):
        found = [_mismatch(value, each) for each in (node.left, node.right)]
        return "" if not all(found) else max(found, key=len)
    if isinstance(node, ast.Subscript):
        return _of_contents(value, _name(node.value), node.slice)
    return _of_name(value, _name(node))


def _of_contents(value: Any, name: str, inside: ast.expr) -> str:
    if name == "Literal":
        choices = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        return "" if value in [ast.literal_eval(each) for each in choices] else described(value)
    if name in ("NDArray", "ndarray"):
        return _of_array(value, ast.unparse(inside))
    if wrong := _of_name(value, name):
        return wrong
    elements = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if name in ("Mapping", "dict"):
        parts = [(each, node) for pair in value.items() for each, node in zip(pair, elements, strict=True)]
    elif name == "tuple" and not (isinstance(elements[-1], ast.Constant) and elements[-1].value is ...):
        if len(value) != len(elements):
            return f"a tuple of {len(value)}"
        parts = list(zip(value, elements, strict=True))
    elif name in ("tuple", "list", "Sequence"):
        parts = [(each, elements[0]) for each in value]
    else:
        return ""
    return next((f"{described(value)} with {wrong}" for each, node in parts if (wrong := _mismatch(each, node))), "")


def _of_array(value: Any, element: str) -> str:
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray):
        return described(value)
    kinds = next((kinds for name, kinds in _KINDS.items() if f"np.{name}" in element), "")
    return "" if not kinds or value.dtype.kind in kinds else f"an array of {value.dtype}"


def _of_name(value: Any, name: str) -> str:
    if name in _CALLABLES:
        return "" if callable(value) else described(value)
    wanted: Any = _PLAIN.get(name) or class_named(name)
    if wanted is None:
        return ""
    if getattr(wanted, "_is_protocol", False):
        lacking = next((each for each in _members(wanted) if not hasattr(value, each)), "")
        return f"{described(value)}{f' without {lacking!r}' if value is not None else ''}" if lacking else ""
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted in (Integral, Real)):
        return described(value)
    return _of_data(value, wanted) if _is_data(wanted) else ""


def _of_data(value: Any, wanted: Any) -> str:
    # A dataset's classes stand in every stage of every plan: what cannot change is looked at once.
    if _FITTING.get((id(value), wanted)) is value:
        return ""
    wrong = _of_fields(value, wanted)
    if not wrong and type(value).__dataclass_params__.frozen and type(value).__weakrefoffset__:
        _FITTING[id(value), wanted] = value
    return wrong


def _of_fields(value: Any, wanted: Any) -> str:
    for name, annotation, node in _fields_of(wanted):
        if wrong := _mismatch(getattr(value, name), node):
            return f"{described(value)} with '{name}' {wrong}, which is no {annotation}"
    return ""


@cache
def _fields_of(wanted: Any) -> tuple[tuple[str, str, ast.expr], ...]:
    """Return the fields of a dataclass: name, annotation as text, and what it is read as."""
    return tuple((each.name, str(each.type), _parsed(str(each.type))) for each in fields(wanted))


@cache
def _is_data(wanted: Any) -> bool:
    return is_dataclass(wanted) and not hasattr(wanted, "hook")


class _Absent:
    """The type of a library that nobody imported: nothing is of it."""


def class_named(name: str) -> Any:
    """Return the class that an annotation names; None where anything will do."""
    first, _, rest = name.partition(".")
    if first in _LIBRARIES and rest:
        found: Any = sys.modules.get(_LIBRARIES[first])
        for part in rest.split("."):
            found = getattr(found, part, None)
        return found if isinstance(found, type) else _Absent if found is None else None
    if name == "Path":
        from pathlib import Path

        return Path
    return _class_of_the_face(name)


@cache
def _class_of_the_face(name: str) -> Any:
    """Return a class that plugins see: once imported, it stays what it is."""
    found = lazy.import_name(name) if name in lazy.PUBLIC_NAMES else None
    return found if isinstance(found, type) else None


def _members(protocol: type) -> list[str]:
    """Return the names of what a protocol asks for."""
    names = {*vars(protocol), *vars(protocol).get("__annotations__", ())}
    return sorted(name for name in names if not name.startswith("_") or name == "__call__")


@cache
def _name(node: ast.expr) -> str:
    """Return a dotted name; of ``npt.NDArray`` and ``np.ndarray`` the last part."""
    name = ast.unparse(node)
    return name.rpartition(".")[2] if name in ("npt.NDArray", "np.ndarray") else name
