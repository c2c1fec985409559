"""One door for each thing: a command's name, module and tests; what is printed; tables in CSV."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import click
import pytest

from derm_cli.cli import COMMANDS
from derm_cli.plugin.calling import PluginFunction
from derm_cli.plugin.registry import Registry
from tests.support.sources import imports, relative, source_files

HOUSE = Path(__file__).parents[2]
WORKFLOWS = {
    "evaluate": "evaluating/evaluate",
    "export": "exporting/export",
    "predict": "predicting/predict",
    "train": "training/train",
    "cache list": "cache",
    "cache clean": "cache",
    # Two questions, each with a door: what figures prove, and whether the bits are the same.
    "runs compare": "comparing/models comparing/exact",
    # Studies have a room of their own above the workflows, since they train, evaluate and make ensembles.
    "study plan": "../studies/planning/study_plan",
    "study run": "../studies/executing/driving",
    "study resume": "../studies/executing/driving",
    "study list": "../studies/studying",
    "study show": "../studies/executing/watching",
    "study report": "../studies/reporting/study_report",
    "study export": "../studies/exporting/row_exports",
    "study choose": "../studies/judging/choosing",
    "study remove": "../studies/storage/folder",
    # One call of what lies below.
    "plugins list": "",
    "runs choose": "",
    "runs remove": "",
}
"""Workflows of another path than their command's."""

TESTS = {
    # Both need a training: they are tested with the whole job.
    "train": "end_to_end/test_main_job end_to_end/test_chains",
    "export": "end_to_end/test_main_job",
    "runs compare": "cli/runs/compare/test_models cli/runs/compare/test_exact",
    "evaluate": "cli/evaluate/test_run cli/evaluate/test_other_datasets",
    "cache list": "cli/test_cache",
    "cache clean": "cli/test_cache",
    "plugins list": "cli/test_plugins",
}
"""Tests of another path than their command's."""


def commands() -> dict[str, click.Command]:
    """Return every command that does something, by its words."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = import_module(f"derm_cli.cli.{name}").command
        if isinstance(command, click.Group):
            found |= {f"{name} {child}": each for child, each in command.commands.items()}
        else:
            found[name] = command
    return found


@pytest.mark.parametrize("words", commands())
def test_a_command_has_a_module_a_workflow_and_tests_of_its_name(words):
    *groups, name = words.split()
    path = "/".join([*groups, name])
    in_a_package = groups and (HOUSE / "derm_cli" / "cli" / groups[0]).is_dir()
    expected = path.replace("/", ".") if in_a_package or not groups else groups[0]
    assert commands()[words].callback.__module__ == f"derm_cli.cli.{expected}"
    for workflow in WORKFLOWS.get(words, path).split():
        assert (HOUSE / "derm_cli" / "workflows" / f"{workflow}.py").is_file(), workflow
    for test in TESTS.get(words, "/".join(["cli", *groups, f"test_{name}"])).split():
        assert (HOUSE / "tests" / f"{test}.py").is_file(), test


def test_no_exception_is_out_of_date():
    assert WORKFLOWS.keys() | TESTS.keys() <= commands().keys()


PRINTING = frozenset({"echo", "secho", "confirm", "prompt", "echo_via_pager"})
CSV = frozenset({"writer", "DictWriter", "reader", "DictReader", "to_csv", "read_csv"})
OWN_CSV = {
    "derm_cli/csv_cells.py": "the door itself",
    "derm_cli/tables.py": "reads tables of people, and takes derm's apostrophes away",
    "derm_cli/data/splitting/ledger.py": "reads ledgers strictly, and takes derm's apostrophes away",
    "derm_cli/data/ingesting.py": "a text that is hashed and never written",
    "plugins/derm_datasets/downloads.py": "reads what a publisher sends, before it is kept as it is",
    "plugins/derm_datasets/synthetic/dataset.py": "names that derm gave itself",
    "benchmarks/paper_sets.py": "writes tables as their publishers do",
}
"""The modules that write or read CSV by themselves, and why they may."""


def calls(path: Path, names: frozenset[str], owners: frozenset[str] | None = None) -> list[str]:
    """Return the calls of ``names`` of a module, of the ``owners`` alone where they are given, each with its line."""
    return [
        f"{relative(path)}:{node.lineno}: {ast.unparse(node)[:60]}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
        and (owners is None or ast.unparse(node.func.value) in owners)
    ]


def test_what_is_printed_goes_through_the_one_function_that_escapes_it():
    """Names from outside may hold commands of a terminal: nothing but ``cli/shared/printing.py`` prints by Click."""
    files = [path for path in source_files() if relative(path) != "derm_cli/cli/shared/printing.py"]
    assert [each for path in files for each in calls(path, PRINTING, frozenset({"click"}))] == []


def test_tables_are_written_and_read_through_csv_cells():
    """Cells that are formulas are written as text and read back: nobody else writes or reads CSV."""
    found = {}
    for path in source_files("derm_cli", "mobile_export", "plugins", "benchmarks"):
        in_csv = calls(path, CSV, frozenset({"csv", "pd"})) + calls(path, frozenset({"to_csv"}))
        if in_csv and "examples" not in path.parts:
            found[relative(path)] = in_csv
    assert {name: each for name, each in found.items() if name not in OWN_CSV} == {}
    assert OWN_CSV.keys() <= found.keys()


def test_pages_are_rendered_by_the_module_that_takes_names_for_text():
    found = {
        relative(path): "jinja2" in imports(ast.parse(path.read_text(encoding="utf-8"))) for path in source_files()
    }
    assert [name for name, renders in found.items() if renders] == ["derm_cli/templates.py"]


def test_plugins_are_asked_by_the_registry_alone():
    asking = {
        relative(path)
        for path in source_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("get_hookimpls", "hook", "get_plugins", "get_plugin")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("kind", "cls"))
        and relative(path).startswith("derm_cli/")
    }
    assert asking == {"derm_cli/plugin/registry.py"}


NONE_BUILT_IN = {"metric", "preprocessing step", "report section"}
"""Kinds of which derm has none of its own."""


def functions_of(part: object, where: str) -> Iterator[tuple[str, object]]:
    """Yield each function of a spec, and of what it has, with its name."""
    for each in fields(part):
        value = getattr(part, each.name)
        if "Callable[" in str(each.type) and value is not None:
            yield f"{where}.{each.name}", value
        for item in value if isinstance(value, tuple) else ():
            if is_dataclass(item):
                yield from functions_of(item, f"{where}.{each.name}")


def test_nobody_calls_a_plugin_s_function_but_by_the_module_that_tells_of_its_faults():
    """Whoever asks a registry for a spec gets functions that go by it, of every field of every kind."""
    registry = Registry()
    found = [
        (where, function)
        for kind in registry.kinds.values()
        for name, spec in registry.all(kind).items()
        for where, function in functions_of(spec, f"{kind.kind} {name}")
    ]
    kinds = {where.split()[0] for where, _ in found}
    every = {kind.kind for kind in registry.kinds.values()}
    assert every >= NONE_BUILT_IN
    assert kinds == every - {"recipe"} - NONE_BUILT_IN
    assert [where for where, function in found if not isinstance(function, PluginFunction)] == []
    assert any(".variants.export" in where for where, _ in found)
    assert any(".downloads.read" in where for where, _ in found)
