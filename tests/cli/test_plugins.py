"""``derm plugins``, and what plugins do to other commands."""

from __future__ import annotations

from importlib import metadata
from types import ModuleType

import click

from derm_cli.cli import cli
from derm_cli.plugin import hookimpl
from tests.support.installed import only_derm_s


def test_a_broken_plugin_ends_no_command_that_did_not_need_it(place, monkeypatch):
    points = metadata.entry_points(group="derm")
    broken = metadata.EntryPoint("broken", "no_such_module", "derm")
    monkeypatch.setattr(metadata, "entry_points", only_derm_s([*points, broken]))
    result = place.derm("data", "list")
    assert "edra" in result.stdout
    assert "Warning: Plugin 'broken': it cannot be used" in result.stderr
    assert "Problem: Plugin 'broken'" in place.derm("plugins", "list").stdout


def test_only_and_disabled_plugins(place):
    only = place.json("plugins", "list", DERM_PLUGINS="datasets,backbones")
    assert [each["name"] for each in only["plugins"]] == ["backbones", "datasets"]
    without = place.json("plugins", DERM_DISABLED_PLUGINS="datasets")
    assert "datasets" not in [each["name"] for each in without["plugins"]]
    said = place.refused("train", "--chain", "edra", exit_status=2, DERM_DISABLED_PLUGINS="datasets")
    assert "There is no dataset 'edra'" in said


def test_a_plugin_s_command_is_one_of_derm_s(place, monkeypatch):
    module = ModuleType("made_greeting")

    @hookimpl
    def derm_commands(cli: click.Group) -> None:
        cli.add_command(click.Command("greet", callback=lambda: click.echo("good day"), help="Say good day."))

    module.derm_commands = derm_commands
    monkeypatch.setitem(__import__("sys").modules, "made_greeting", module)
    points = metadata.entry_points(group="derm")
    greeting = metadata.EntryPoint("greeting", "made_greeting", "derm")
    monkeypatch.setattr(metadata, "entry_points", only_derm_s([*points, greeting]))
    try:
        assert place.derm("greet").stdout == "good day\n"
        assert "Say good day." in place.derm("--help").stdout
    finally:
        cli.commands.pop("greet")
