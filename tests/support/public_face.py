"""The plugins' face as text: every name, signature, field, default and hook, a line each.

``python -m tests.support.public_face`` writes ``tests/plugin/public_face.txt`` anew.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import derm_cli.plugin as face
from derm_cli.plugin import hookspecs

STORED = Path(__file__).parents[1] / "plugin" / "public_face.txt"


def face_text() -> str:
    """Return the face as it is now."""
    lines = [f"INTERFACE {face.INTERFACE}"]
    for name in face.__all__:
        lines += lines_of(name, getattr(face, name))
    hooks = [
        each for each in vars(hookspecs).values() if inspect.isfunction(each) and each.__name__.startswith("derm_")
    ]
    lines += [f"hook {each.__name__}{inspect.signature(each)}" for each in hooks]
    return re.sub(r"<function (\S+) at 0x\w+>|<object object at 0x\w+>", r"<\1>", "\n".join(lines)) + "\n"


def lines_of(name: str, found: Any) -> Iterator[str]:
    """Yield the lines of a name: of a class those of its fields, properties and methods too."""
    if inspect.isclass(found):
        yield f"class {name}({', '.join(base.__name__ for base in found.__bases__)})"
        if is_dataclass(found):
            yield from (f"{name}.{each.name}: {each.type}{_default(each)}" for each in fields(found))
        for member, value in vars(found).items():
            if not member.startswith("_") or member == "__call__":
                yield from _member(f"{name}.{member}", value)
    elif inspect.isfunction(found):
        yield f"{name}{inspect.signature(found)}"
    else:
        yield f"{name}: {type(found).__name__}"


def _member(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, property):
        yield f"{name} -> {inspect.signature(value.fget).return_annotation}"
    elif isinstance(value, classmethod | staticmethod):
        yield f"{name}{inspect.signature(value.__func__)}"
    elif inspect.isfunction(value):
        yield f"{name}{inspect.signature(value)}"


def _default(each: Any) -> str:
    if each.default is not MISSING:
        return f" = {each.default!r}"
    return " = …" if each.default_factory is not MISSING else ""


def annotations() -> Iterator[tuple[str, str]]:
    """Yield every annotation of the face with where it stands: fields, arguments and results."""
    functions = {
        name: value for name, value in vars(hookspecs).items() if name.startswith("derm_") and inspect.isfunction(value)
    }
    for name in face.__all__:
        found = getattr(face, name)
        if is_dataclass(found):
            yield from ((f"{name}.{each.name}", str(each.type)) for each in fields(found))
        members = {f"{name}.{each}": value for each, value in vars(found).items()} if inspect.isclass(found) else {}
        for member, value in (members | {name: found}).items():
            function = getattr(value, "fget", None) or getattr(value, "__func__", value)
            if inspect.isfunction(function) and not member.rpartition(".")[2].startswith("_"):
                functions[member] = function
    for name, function in functions.items():
        for annotation in inspect.get_annotations(function).values():
            yield name, str(annotation)


def names_in(annotation: str) -> set[str]:
    """Return the names that an annotation mentions, but for the words of a Literal."""
    found: set[str] = set()

    def look(node: ast.AST) -> None:
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            look(ast.parse(node.value, mode="eval"))
        if isinstance(node, ast.Name):
            found.add(node.id)
        for child in ast.iter_child_nodes(node):
            look(child)

    look(ast.parse(annotation, mode="eval"))
    return found


if __name__ == "__main__":
    STORED.write_text(face_text(), encoding="utf-8")
