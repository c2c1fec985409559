"""Help, completion, settings and what surrounds a command."""

from __future__ import annotations

from importlib import import_module

import click
import pytest

from derm_cli.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_summaries_are_the_commands_own(name):
    command = import_module(f"derm_cli.cli.{name}").command
    assert COMMANDS[name] == command.help.strip().splitlines()[0]


def test_every_command_has_help(place):
    def walk(command, path):
        place.derm(*path, "--help")
        if isinstance(command, click.Group) and path:
            for name, child in command.commands.items():
                walk(child, [*path, name])

    for name in COMMANDS:
        walk(import_module(f"derm_cli.cli.{name}").command, [name])


@pytest.mark.parametrize(
    ("words", "begun", "expected"),
    [
        (
            "derm train --backbone",
            "effnet-",
            {"effnet-b3", "effnet-lite0", "effnet-lite1", "effnet-lite2", "effnet-v2-b0"},
        ),
        ("derm train --chain", "imagenet,synthetic-c", {"imagenet,synthetic-clinic"}),
        ("derm train --strategy", "m", {"merged"}),
        ("derm data check", "ham", {"ham10000"}),
        ("derm train --recipe", "s", {"strong"}),
        ("derm train --preprocess", "n", {"none"}),
        ("derm train --phase", "head:ep", {"head:epochs="}),
        ("derm train --phase", "loss=fo", {"loss=focal"}),
        ("derm train --phase", "epochs=", set()),
        ("derm train --augmentation photo --augment", "bl", {"blur="}),
        ("derm train --recipe strong --augment", "bl", {"blur="}),
        ("derm train --recipe paper --augment", "rot", {"rotation="}),
        ("derm train --recipe paper --augment", "bl", set()),
        ("derm runs show", "lat", {"latest"}),
        ("derm", "pl", {"plugins"}),
    ],
)
def test_completion_knows_the_plugins_names(words, begun, expected, place):
    variables = {
        "_DERM_COMPLETE": "bash_complete",
        "COMP_WORDS": f"{words} {begun}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = place.derm(**variables)
    found = {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert found - {""} == expected


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
        (KeyError(), "KeyError"),
        (ValueError("in user code:\n\n    File x\n\n    ValueError: no such layer\n"), "ValueError: no such layer"),
    ],
)
def test_an_unforeseen_fault_is_one_sentence(place, monkeypatch, fault, said):
    def fail(_):
        raise fault

    monkeypatch.setattr("derm_cli.workflows.data.list.list_datasets", fail)
    sentence = f"Error: Derm did not expect this ({said}): run 'derm --verbose …' and report what it prints."
    assert place.refused("data", "list") == sentence


def test_an_unforeseen_fault_is_with_verbose_a_traceback(monkeypatch):
    def fail(_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("derm_cli.workflows.data.list.list_datasets", fail)
    from click.testing import CliRunner

    result = CliRunner().invoke(cli, ["--verbose", "data", "list"])
    assert isinstance(result.exception, ZeroDivisionError)
