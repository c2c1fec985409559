"""The source tree as the tests of the house see it: modules by their files, what they import, and what they name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = (
    "derm_cli",
    "mobile_export",
    "plugins/derm_backbones",
    "plugins/derm_datasets",
    "plugins/derm_recipes",
    "plugins/derm_executors",
    "plugins/derm_ray",
    "plugins/derm_strategies",
    "plugins/derm_trackers",
)
"""The packages of derm's wheel, by their folders."""


@cache
def source_files(*folders: str) -> tuple[Path, ...]:
    """Return every Python file below ``folders`` of the repository; without any, those of derm's wheel."""
    files = (path for folder in folders or SHIPPED for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(path for path in files if "__pycache__" not in path.parts))


def relative(path: Path) -> str:
    """Return a path as the repository has it."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Return the name by which a file of derm's wheel is imported."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] == "plugins":
        del parts[0]
    if parts[-1] == "__init__":
        del parts[-1]
    return ".".join(parts)


def imports(tree: ast.Module) -> set[str]:
    """Return the full names of what a module imports, wherever it does, but for the checker of types alone.

    ``from a import b`` gives ``a.b``, which may be a module or a name in one, and ``import_module("a.b")`` the same.
    """
    names: set[str] = set()
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "import_module":
            names |= {
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    return names


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below ``node`` but for the bodies of ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _executed(other)
            continue
        yield child
        yield from _executed(child)


def defined_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each class, function, parameter and variable that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname
