"""Whatever is public in what derm ships says what it is.  Read from the source: nothing is imported."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (ast.If, ast.Try, ast.With)
EXCEPTED = {"overload", "setter", "deleter"}

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, whatever it is called with."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def is_stub(owner: ast.AST, definition: Definition) -> bool:
    """Tell whether the definition is a protocol's method without a body: its protocol's docstring speaks for it."""
    in_protocol = isinstance(owner, ast.ClassDef) and "Protocol" in map(last_name, owner.bases)
    return in_protocol and ast.unparse(definition.body) == "..."


def definitions(owner: ast.AST) -> Iterator[tuple[ast.AST, Definition]]:
    """Yield the public classes, functions and methods below ``owner``, but none that stands inside a function."""
    for node in ast.iter_child_nodes(owner):
        if isinstance(node, BRANCHES):
            yield from ((owner, each) for _, each in definitions(node))
        elif isinstance(node, DEFINITIONS) and not node.name.startswith("_"):
            yield owner, node
            if isinstance(node, ast.ClassDef):
                yield from definitions(node)


def undocumented(source: str) -> list[str]:
    """Return what has no docstring: lines and names, or the module as a whole."""
    module = ast.parse(source)
    found = [] if ast.get_docstring(module) else ["the module"]
    for owner, each in definitions(module):
        excepted = is_stub(owner, each) or EXCEPTED & set(map(last_name, each.decorator_list))
        if not (excepted or ast.get_docstring(each)):
            found.append(f"line {each.lineno}: {each.name}")
    return found


@pytest.mark.parametrize("package", SHIPPED)
def test_what_is_public_has_a_docstring(package):
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    missing = {
        str(path.relative_to(ROOT)): found
        for path in modules
        if (path.stem == "__init__" or not path.stem.startswith("_")) and (found := undocumented(path.read_text()))
    }
    assert missing == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1", ["the module"]),
        ("'''M'''\ndef f(): ...", ["line 2: f"]),
        ("'''M'''\nasync def f(): ...", ["line 2: f"]),
        ("'''M'''\nif x:\n    def f(): ...", ["line 3: f"]),
        ("'''M'''\nclass C:\n    def f(self): ...", ["line 2: C", "line 3: f"]),
        ("'''M'''\nclass C:\n    '''C'''\n    class D: ...", ["line 4: D"]),
        ("'''M'''\nclass C(P):\n    '''C'''\n    @property\n    def f(self): ...", ["line 5: f"]),
        ("'''M'''\ndef f():\n    '''F'''\n    def g(): ...", []),
        ("'''M'''\ndef _f(): ...\nclass _C:\n    def f(self): ...", []),
        ("'''M'''\nclass C(Protocol[T]):\n    '''C'''\n    def f(self): ...\n    def __call__(self): ...", []),
        ("'''M'''\nclass C(Protocol):\n    '''C'''\n    def f(self): return 1", ["line 4: f"]),
        ("'''M'''\n@typing.overload\ndef f(): ...", []),
        ("'''M'''\nclass C:\n    '''C'''\n    @f.setter\n    def f(self, x): ...", []),
    ],
)
def test_what_has_no_docstring_is_found(source, found):
    assert undocumented(source) == found
