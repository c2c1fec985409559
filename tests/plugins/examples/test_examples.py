"""The examples are what a stranger could have written: they know no more of derm than its face for plugins."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

EXAMPLES = sorted(path for path in (Path(__file__).parents[3] / "plugins" / "examples").iterdir() if path.is_dir())
ALLOWED = {"derm_cli.plugin", "derm_cli.plugin.testing"}


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_there_is_an_example():
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_of_derm_what_any_plugin_may(example):
    ours = {"derm_cli", "mobile_export", "derm_backbones", "derm_datasets", "derm_strategies", "derm_trackers"}
    modules = set.union(*(imported(path) for path in example.rglob("*.py")))
    found = {module for module in modules if module.partition(".")[0] in ours}
    assert "derm_cli.plugin" in found
    assert found <= ALLOWED


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_a_whole_distribution_without_photographs(example):
    files = {path.relative_to(example).as_posix() for path in example.rglob("*") if path.is_file()}
    assert {"LICENSE", "README.md", "pyproject.toml"} <= files
    assert any(name.startswith("tests/test_") for name in files)
    assert not {name for name in files if name.lower().endswith((".bmp", ".jpeg", ".jpg", ".png", ".webp"))}
