"""A strict reader of JSON: what is read must fit a JSON schema, of the draft 2020-12, of which this knows a part.

The words are those that ``manifest.schema.json`` uses; one that is not known here is an error, never overlooked.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MANIFEST_SCHEMA = Path(__file__).with_name("manifest.schema.json")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "number": (int, float),
    "integer": int,
}
_SAYS_NOTHING = {"$schema", "$id", "$defs", "title", "description"}


def strict_json(text: str | bytes) -> Any:
    """Return what JSON says.  Raises ValueError where it is none, has a key twice, or a number that is none."""
    try:
        return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def schema_faults(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """Return where a JSON value does not fit a schema, each with the place; none where it fits."""
    return list(_faults(value, schema, schema, "$"))


def _faults(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> Iterator[str]:
    for word, wanted in schema.items():
        if word in _SAYS_NOTHING or word in ("required", "additionalProperties"):
            continue
        if word == "$ref":
            yield from _faults(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, place)
        elif word == "type":
            if not any(_is(value, each) for each in ([wanted] if isinstance(wanted, str) else wanted)):
                yield f"{place} is no {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
                return
        elif word == "properties":
            yield from _of_object(value, schema, root, place)
        elif word == "items":
            for number, each in enumerate(value if isinstance(value, list) else ()):
                yield from _faults(each, wanted, root, f"{place}[{number}]")
        elif word not in _CHECKS:
            raise NotImplementedError(f"the schema's word '{word}'")
        elif not _CHECKS[word](value, wanted):
            yield f"{place} is {_quoted(value)}, against {word} {_quoted(wanted)}"
    if "properties" not in schema and ("required" in schema or "additionalProperties" in schema):
        yield from _of_object(value, schema, root, place)


def _of_object(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    known: Mapping[str, Any] = schema.get("properties", {})
    yield from (f"{place} has no '{name}'" for name in schema.get("required", ()) if name not in value)
    others = schema.get("additionalProperties", True)
    for name, each in value.items():
        if name in known:
            yield from _faults(each, known[name], root, f"{place}.{name}")
        elif isinstance(others, dict):
            yield from _faults(each, others, root, f"{place}[{_quoted(name)}]")
        elif not others:
            yield f"{place} has {_quoted(name)}, which the schema does not know"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    # In JSON 1.0 is a whole number.
    whole = kind == "integer" and isinstance(value, float) and value.is_integer()
    return whole or isinstance(value, _TYPES[kind])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


_CHECKS: dict[str, Any] = {
    "enum": lambda value, wanted: any(_same(value, each) for each in wanted),
    "const": _same,
    "minimum": lambda value, wanted: not _is_number(value) or value >= wanted,
    "maximum": lambda value, wanted: not _is_number(value) or value <= wanted,
    "exclusiveMinimum": lambda value, wanted: not _is_number(value) or value > wanted,
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "minItems": lambda value, wanted: not isinstance(value, list) or len(value) >= wanted,
    "maxItems": lambda value, wanted: not isinstance(value, list) or len(value) <= wanted,
    "maxProperties": lambda value, wanted: not isinstance(value, dict) or len(value) <= wanted,
    "pattern": lambda value, wanted: not isinstance(value, str) or re.search(wanted, value) is not None,
    "propertyNames": lambda value, wanted: (
        not isinstance(value, dict) or all(re.search(wanted["pattern"], each) for each in value)
    ),
}


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has a key twice")
    return found


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
