"""The house keeps its order: tests stand where modules do, files are small, and no two modules need each other."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

from tests.support.sources import ROOT, imports, module_name, relative, source_files

TESTS = ROOT / "tests"
APART = ("end_to_end", "house", "docs", "fuzz", "support", "stored")
"""Folders of tests that mirror no module: whole programs, the repository itself, and what tests share."""
AT_THE_ROOT = ("plugins", "mobile_export", "benchmarks")
"""Folders of the sources that do not stand in ``derm_cli``."""
LONGEST, MEDIAN = 400, 90
"""Lines of a source file: the most that one may have, and what half of them must not exceed."""
VAGUE = {"base", "common", "core", "helper", "helpers", "lib", "misc", "stuff", "tool", "tools", "util", "utils"}
NAMED_BY_THEIR_FOLDER = {
    "command": "of each tool for bundles",
    "page": "of the data check, and of a contact sheet",
    "photographs": "a photograph's file, and what the data check says of photographs",
}
"""Names that stand more than once in a room, since the folder around each says what it is."""


def source_of(folder: Path) -> Path:
    """Return the folder, or the module without its ending, that a folder of tests stands for."""
    parts = folder.relative_to(TESTS).parts
    return ROOT.joinpath(*parts) if parts[:1] and parts[0] in AT_THE_ROOT else ROOT.joinpath("derm_cli", *parts)


def misplaced(test: Path) -> str | None:
    """Return what is amiss with where a test module stands, if anything is."""
    source, name = source_of(test.parent), test.stem.removeprefix("test_")
    if source.with_suffix(".py").is_file():
        return None  # a folder named after a module: a file for each aspect of it
    if (source / f"{name}.py").is_file() or (source / name).is_dir():
        return None
    if source.is_dir() and source.name == name:
        return None  # the package itself
    return f"{relative(test)}: there is neither {relative(source / name)}.py nor {relative(source)}.py"


def mirrored() -> list[Path]:
    """Return every test module that stands for a module of the sources."""
    return [path for path in sorted(TESTS.rglob("test_*.py")) if path.relative_to(TESTS).parts[0] not in APART]


def test_each_test_module_stands_where_its_module_does():
    tests = mirrored()
    assert len(tests) > 100
    assert list(filter(None, map(misplaced, tests))) == []


@pytest.mark.parametrize("name", ["data/test_nothing.py", "nowhere/test_records.py", "engine/test_records.py"])
def test_a_test_module_that_stands_for_none_is_found(name):
    assert misplaced(TESTS / name) is not None


@pytest.mark.parametrize("name", ["data/test_records.py", "data/records/test_ages.py", "cli/test_cli.py"])
def test_a_test_module_may_be_of_a_module_an_aspect_or_a_package(name):
    assert misplaced(TESTS / name) is None


def test_no_test_module_imports_another():
    """What tests share stands in tests/support, and what fixtures do in a conftest, which nobody imports."""
    wrong = []
    for path in source_files("tests"):
        for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
            parts = name.split(".")
            if parts[0] == "tests" and any(part.startswith("test_") or part == "conftest" for part in parts[1:3]):
                wrong.append(f"{relative(path)}: {name}")
    assert wrong == []


def test_source_files_are_small():
    lengths = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*source_files(), *source_files("benchmarks"))
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert median(lengths.values()) <= MEDIAN


def import_graph(files: tuple[Path, ...]) -> dict[str, set[str]]:
    """Return which modules of ``files`` each of them imports."""
    modules = {module_name(path): path for path in files}
    graph = {}
    for module, path in modules.items():
        needed = {_module_in(name, modules) for name in imports(ast.parse(path.read_text(encoding="utf-8")))}
        graph[module] = {name for name in needed if name is not None and name != module}
    return graph


def _module_in(name: str, modules: dict[str, Path]) -> str | None:
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle, from one back to itself; none where there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_no_modules_import_each_other_in_a_circle():
    """Not even by an import inside a function, which hides a circle and does not open it."""
    graph = import_graph(source_files())
    assert sum(map(len, graph.values())) > 500
    assert cycle(graph) == []


@pytest.mark.parametrize(
    "hidden",
    [
        "def late():\n    import a.b",
        "def late():\n    from a import b",
        'def late():\n    return import_module("a.b").c',
    ],
)
def test_an_import_is_found_wherever_it_stands(hidden):
    assert imports(ast.parse(hidden)) == {"a.b"}


def test_a_circle_is_found():
    assert set(cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def room(path: Path) -> str:
    """Return the folder in which a module's name has to be its own: a room of derm_cli, or a package beside it."""
    parts = path.relative_to(ROOT).parts[:-1]
    if parts[:3] == ("derm_cli", "evaluation", "reporting"):
        return "/".join(parts[:4])  # plots and tables show the metrics of the same names
    if parts[:2] in (("derm_cli", "cli"), ("derm_cli", "workflows")):
        return "/".join(parts[:3])  # derm data list and derm runs list
    return "/".join(parts[:2])


def test_a_module_s_name_is_one_in_its_room_and_says_something():
    named = defaultdict(list)
    for path in source_files():
        if path.stem != "__init__":
            named[room(path), path.stem].append(relative(path))
    twice = {stem: paths for (_, stem), paths in named.items() if len(paths) > 1}
    assert {stem: paths for stem, paths in twice.items() if stem not in NAMED_BY_THEIR_FOLDER} == {}
    assert {stem for _, stem in named} & VAGUE == set()


def test_each_kind_of_fault_names_a_table_of_examples_that_is_there():
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    section = page.partition("## What people's files bring")[2].partition("\n## ")[0]
    named = re.findall(r"`(tests/\S+\.py)`", section)
    assert len(named) > 16
    for name in named:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "parametrize" in text or name.startswith("tests/fuzz/"), name
