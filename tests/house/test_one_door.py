"""A command's name, its module, its workflow and its tests bear the same word."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click
import pytest

from derm_cli.cli import COMMANDS

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
