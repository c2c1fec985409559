"""Help, completion, settings and what surrounds a command."""

from __future__ import annotations

from importlib import import_module, metadata
from types import ModuleType

import click
import pytest

from derm_cli.cli import COMMANDS, cli
from derm_cli.plugin import hookimpl
from tests.support.installed import only_derm_s


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
        ("derm train --backbone", "effnet-", {"effnet-b3", "effnet-lite0"}),
        ("derm train --chain", "imagenet,synthetic-c", {"imagenet,synthetic-clinic"}),
        ("derm train --strategy", "m", {"merged"}),
        ("derm data check", "ham", {"ham10000"}),
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
    assert found == expected


def test_settings_command_line_over_environment_over_file_over_default(place):
    (place.root / "derm.toml").write_text(
        'runs = "from-file"\n[train]\nepochs = 7\nsize = 64\nchain = ["imagenet", "edra"]\n'
    )
    environment = {"DERM_CONFIG": str(place.root / "derm.toml"), "DERM_TRAIN_EPOCHS": "9"}
    rows = {each["setting"]: each for each in place.json("doctor", **environment)["settings"]}
    assert (rows["runs"]["value"], rows["runs"]["source"]) == (str(place.runs), "environment DERM_RUNS")
    assert (rows["train --epochs"]["value"], rows["train --epochs"]["source"]) == (9, "environment DERM_TRAIN_EPOCHS")
    assert (rows["train --size"]["value"], rows["train --size"]["source"]) == (64, "derm.toml")
    assert (rows["train --seed"]["value"], rows["train --seed"]["source"]) == (0, "default")
    assert rows["train --chain"]["value"] == "imagenet,edra"
    given = place.derm("--data", place.root / "given", "doctor", "--json").stdout
    assert '"source": "command line"' in given


def test_settings_of_derm_toml_reach_the_plan(place):
    (place.root / "derm.toml").write_text(
        '[train]\nbackbone = "effnet-lite0"\nsize = 32\nepochs = 2\nchain = "imagenet"\ntarget = "x"\n'
    )
    from tests.support import trees

    trees.make_pad(place.data / "pad-ufes-20")
    environment = {"DERM_CONFIG": str(place.root / "derm.toml")}
    plan = place.json("train", "--target", "pad-ufes-20", "--dry-run", **environment)
    assert (plan["backbone"], plan["preprocessing"]["size"], plan["target"]) == ("effnet-lite0", 32, "pad-ufes-20")
    assert {phase["epochs"] for phase in plan["stages"][0]["phases"]} == {2}


def test_an_exporter_s_flag_may_stand_in_derm_toml(finished, tmp_path):
    place, run = finished
    (tmp_path / "derm.toml").write_text("[export]\nno-such-format = true\n")
    said = place.refused("export", run, DERM_CONFIG=str(tmp_path / "derm.toml"))
    assert "'derm export' has no option 'no-such-format'" in said
    (tmp_path / "derm.toml").write_text("[export]\ntflite = true\n")
    said = place.refused("export", "no-such-run", exit_status=2, DERM_CONFIG=str(tmp_path / "derm.toml"))
    assert "There is no run 'no-such-run'" in said, "the flag was taken: a format is asked for"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trian]\nsize = 1", "no command for the table [trian]. Did you mean 'train'"),
        ("[train]\nepoch = 1", "'derm train' has no option 'epoch'. Did you mean 'epochs'"),
        ("[train]\nepochs = 'many'", "'many' is not a valid integer"),
    ],
)
def test_wrong_settings_are_named(place, text, said):
    (place.root / "derm.toml").write_text(text)
    result = place.derm("train", exit_status=2 if "many" in text else 1, DERM_CONFIG=str(place.root / "derm.toml"))
    assert said in result.stderr


def test_the_doctor_tells_of_a_plugin_that_is_broken(place, monkeypatch):
    points = metadata.entry_points(group="derm")
    broken = metadata.EntryPoint("broken", "no_such_module", "derm")
    monkeypatch.setattr(metadata, "entry_points", only_derm_s([*points, broken]))
    result = place.derm("doctor", exit_status=1)
    assert "PROBLEM" in result.stdout
    assert "No module named 'no_such_module'" in result.stdout


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


def test_an_unforeseen_fault_is_a_sentence_and_with_verbose_a_traceback(place, monkeypatch):
    def fail(_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("derm_cli.workflows.data.list.list_datasets", fail)
    assert "Derm did not expect this (ZeroDivisionError: by zero)" in place.refused("data", "list")
    from click.testing import CliRunner

    result = CliRunner().invoke(cli, ["--verbose", "data", "list"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_data_is_listed_with_its_place(place):
    values = {each["name"]: each for each in place.json("data", "list")}
    assert {"edra", "dermofit", "dermai", "pad-ufes-20", "ham10000"} <= set(values)
    assert "folder" not in values
    assert values["synthetic-phone"]["synthetic"] is True
    assert values["edra"]["there"] is False
    assert place.derm("data").stdout == place.derm("data", "list").stdout
