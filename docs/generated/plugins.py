"""What a plugin's author imports: hooks, specs and the names of the face."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields
from typing import Any

from derm_cli.markdown import markdown_table
from generated.markdown import prose, summary, wrapped


def hook_sections() -> str:
    """Return a heading with the exact signature, and the docstring, of every hook."""
    from derm_cli.plugin import hookspecs

    found = [each for name, each in vars(hookspecs).items() if name.startswith("derm_") and inspect.isfunction(each)]
    return "\n\n".join(f"## `{signature(hook)}`\n\n{prose(inspect.getdoc(hook))}" for hook in found)


def spec_section(name: str, named: bool = False) -> str:
    """Return the docstring, ``named`` or not, and the fields of a dataclass that plugins hand over or are told."""
    import derm_cli.plugin as face

    found = getattr(face, name)
    docstring = inspect.getdoc(found) or ""
    return f"{prose(f'`{name}`: {docstring}' if named else docstring)}\n\n{field_table(found)}"


def field_table(found: Any) -> str:
    """Return the fields of a dataclass, with their types and defaults."""
    # Three brackets are a marker of cog's.
    rows = [[f"`{each.name}`", f"`{each.type}`".replace("]]]", "]] ]"), _field_default(each)] for each in fields(found)]
    return markdown_table(["field", "type", "default"], rows)


def face_section(name: str) -> str:
    """Return the docstring of what passes between a component and the engine, and of its fields or methods."""
    import derm_cli.plugin as face

    found = getattr(face, name)
    members = [(each, getattr(found, each)) for each in vars(found) if not each.startswith("_")]
    lines = [
        f"- `{each}`: {summary(member.fget if isinstance(member, property) else member)}"
        for each, member in members
        if inspect.isfunction(member) or isinstance(member, property)
    ]
    return "\n\n".join([prose(f"`{name}`: {inspect.getdoc(found)}"), *(["\n".join(lines)] if lines else [])])


def face_names() -> str:
    """Return all names that a plugin's author imports."""
    import derm_cli.plugin as face

    return wrapped(", ".join(f"`{name}`" for name in face.__all__) + ".")


def signature(hook: Any) -> str:
    """Return a hook's signature as its source has it."""
    described = inspect.signature(hook)
    given = ", ".join(f"{each.name}: {each.annotation}" for each in described.parameters.values())
    return f"{hook.__name__}({given}) -> {described.return_annotation}"


def _field_default(each: Field[Any]) -> str:
    if each.default is not MISSING:
        return f"`{each.default!r}`"
    return "`()`" if each.default_factory is not MISSING else "must be given"
