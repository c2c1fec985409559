"""Values of derm.toml have the types that the options have, and nothing is converted."""

from __future__ import annotations

import datetime
import re
from contextlib import suppress
from typing import Any

import click
import pytest

from derm_cli.cli import cli
from derm_cli.cli.shared.defaults import options_by_key
from derm_cli.cli.shared.option_values import checked_value


def option(key: str, command: str = "train") -> click.Option:
    root = click.Context(cli, info_name="derm")
    found = cli.get_command(root, command)
    assert found is not None
    return options_by_key(found, click.Context(found, parent=root))[key]


@pytest.mark.parametrize(
    ("key", "value", "taken"),
    [
        ("epochs", 2, 2),
        ("epochs", "2", 2),
        ("head-rate", 0.5, 0.5),
        ("head-rate", 1, 1.0),
        ("head-rate", "1e-4", 1e-4),
        ("backbone", "effnet-b3", "effnet-b3"),
        ("split", "own", "own"),
        ("deterministic", True, True),
        ("deterministic", False, False),
        ("deterministic", "no", False),
        ("no-deterministic", True, False),
        ("no-deterministic", False, True),
        ("no-frozen-check", "true", False),
        ("no-augment", True, True),
        ("no-store", False, False),
        ("augment", ["flip=0", "zoom=0,1"], ["flip=0", "zoom=0,1"]),
        ("augment", [], []),
        ("chain", ["imagenet", "edra"], "imagenet,edra"),
        ("chain", "imagenet,edra", "imagenet,edra"),
        ("fold", "2/5", "2/5"),
        ("crop-margin", 0, 0.0),
    ],
)
def test_a_value_of_the_option_s_type_is_taken(key: str, value: object, taken: object) -> None:
    checked = checked_value(option(key), key, value)
    assert (checked, type(checked)) == (taken, type(taken))


DATE = datetime.date(2026, 1, 1)
WHOLE, NUMBER, FLAG = "must be a whole number", "must be a number", "must be 'true' or 'false'"
TEXT, LIST = "must be text in quotes", "must be a list, as in"


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("epochs", 2.9, f"{WHOLE}, as in epochs = 3"),
        ("epochs", 3.0, WHOLE),
        ("epochs", True, WHOLE),
        ("epochs", [3], WHOLE),
        ("epochs", DATE, WHOLE),
        ("epochs", {"a": 3}, WHOLE),
        ("epochs", "2.9", "is wrong: '2.9' is not a valid integer"),
        ("epochs", "", "is wrong: '' is not a valid integer"),
        ("size", 224.5, WHOLE),
        ("head-rate", True, f"{NUMBER}, as in head-rate = 0.5"),
        ("head-rate", DATE, NUMBER),
        ("head-rate", [0.1], NUMBER),
        ("head-rate", "0,1", "is wrong: '0,1' is not a valid float"),
        ("crop-margin", 5, "is out of its range: 5.0 is not in the range 0<=x<=2.0"),
        ("deterministic", 1, FLAG),
        ("deterministic", "maybe", "is wrong: 'maybe' is not a valid boolean"),
        ("no-deterministic", 0, FLAG),
        ("no-deterministic", [], FLAG),
        ("no-augment", 1.0, FLAG),
        ("no-store", DATE, FLAG),
        ("backbone", 3, f'{TEXT}, as in backbone = "…"'),
        ("backbone", ["effnet-b3"], TEXT),
        ("target", 2018, TEXT),
        ("split", True, TEXT),
        ("split", "mine", "is wrong: 'mine' is not one of"),
        ("fold", 1, TEXT),
        ("fold", DATE, TEXT),
        ("augment", "flip=0", f"{LIST} augment"),
        ("augment", {"flip": 0}, LIST),
        ("augment", [["flip=0"]], "must be a list of texts in quotes"),
        ("augment", [0], TEXT),
        ("phase", True, LIST),
        ("chain", [1], TEXT),
        ("chain", DATE, TEXT),
        ("chain", [["edra"]], "must be a list of texts"),
    ],
)
def test_any_other_value_is_refused_with_what_it_must_be(key: str, value: object, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        checked_value(option(key), key, value)


@pytest.mark.parametrize("command", ["train", "demo", "evaluate", "predict"])
def test_no_value_of_any_type_is_unexpected(command: str) -> None:
    values: tuple[Any, ...] = (True, 1, 1.5, float("nan"), 10**400, "x", "", [], [1], [[]], {}, DATE)
    root = click.Context(cli, info_name="derm")
    found = cli.get_command(root, command)
    assert found is not None
    for key, each in options_by_key(found, click.Context(found, parent=root)).items():
        for value in values:
            with suppress(ValueError):
                checked_value(each, key, value)
