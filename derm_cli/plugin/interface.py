"""The version of the plugins' face: what a plugin may need of it, and how it is told that something goes."""

from __future__ import annotations

import ast
import warnings

from derm_cli.plugin.code_places import home_of

INTERFACE = 2
"""The version of all that :mod:`derm_cli.plugin` exports, and of the hooks.

It is raised where a name, a field or a hook comes that plugins can need.  A plugin says what it needs at least, as a
line of its module: ``requires_interface = 1``.
"""
OLDEST_INTERFACE = 1
"""The oldest version that plugins may still need: it is raised where something goes that was deprecated."""
NEED = "requires_interface"
"""The name of the line in which a plugin's module says what it needs."""


class DeprecatedInDerm(FutureWarning):
    """Something of the plugins' face that goes in a later version; the warning says what to use in its place."""


def deprecated(what: str, instead: str, depth: int = 3) -> None:
    """Warn that a plugin uses ``what``, which goes, and say what to use ``instead``.

    ``depth`` is how many calls above this one the plugin's line is, itself the first.
    """
    warnings.warn(f"{what} is deprecated: use {instead}", DeprecatedInDerm, stacklevel=depth)


def unmet_need(need: object) -> str:
    """Return what is wrong with the interface that a plugin needs, and what to do; '' where it is the one of here."""
    if isinstance(need, bool) or not isinstance(need, int):
        return f"{NEED} is {need!r}, but must be a whole number such as {INTERFACE}: tell its author."
    if need > INTERFACE:
        return f"it needs interface {need} of derm, and this derm has {INTERFACE}: upgrade derm-cli."
    if need < OLDEST_INTERFACE:
        return (
            f"it was written for interface {need} of derm, and this derm serves {OLDEST_INTERFACE} and later: upgrade "
            "the plugin, or tell its author."
        )
    return ""


def written_need(module: str) -> int | None:
    """Return the need that the source of a module says, without running it; None where it says none.

    So a plugin is told of what it needs even where its import fails for want of just that.
    """
    name = module.partition(":")[0]
    home = home_of(name)
    if home is None:
        return None
    parts = name.split(".")[1:]
    path = home if home.is_file() else home.joinpath(*parts, "__init__.py")
    if not path.is_file() and parts:
        path = home.joinpath(*parts).with_suffix(".py")
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return None
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        named = [each.id for each in targets if isinstance(each, ast.Name)]
        if NEED in named and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            return statement.value.value if isinstance(statement.value.value, int) else None
    return None
