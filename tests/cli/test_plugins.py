"""``derm plugins``, and what plugins do to other commands."""

from __future__ import annotations

import sys
from importlib import metadata
from types import ModuleType

import click
import pytest

from derm_cli.cli import cli
from derm_cli.plugin import INTERFACE, hookimpl
from derm_cli.plugin.commands import owner_of
from tests.support.installed import install, only_derm_s


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
        cli.commands.pop("greet", None)


@pytest.fixture
def plugin(tmp_path_factory, monkeypatch):
    """Return a function that installs a plugin of a name and a source; its file is returned."""
    folder, names = tmp_path_factory.mktemp("installed"), []

    def installed(name, source):
        names.append(name.replace("-", "_"))
        return install(folder, name, source)

    monkeypatch.syspath_prepend(folder)
    yield installed
    for name in names:
        sys.modules.pop(name, None)
    for name in [name for name, command in cli.commands.items() if owner_of(command) in names]:
        cli.commands.pop(name)


DATASET = """
from derm_cli.plugin import DatasetSpec, DermError, LesionClass, hookimpl
CLASSES = (LesionClass(name="A", title="A"), LesionClass(name="B", title="B"))
TEXTS = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")


def records(root):
    {body}


@hookimpl
def derm_datasets():
    return [DatasetSpec(name="{name}", title="X", classes=CLASSES, modality="clinical", {field}=records, **TEXTS)]
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {}['label']", "Plugin 'clinic' (clinic 1.0): records of dataset 'moles' fails (KeyError: 'label'; 'F"),
        ("return open('nowhere.csv')", "records of dataset 'moles' fails (FileNotFoundError: [Errno 2] No such file"),
        ("return None", "records of dataset 'moles' gives None, but must give pd.DataFrame ('F', line 7): tell its a"),
        (
            "import pandas; return pandas.DataFrame({'file': [], 'case_id': []})",
            "records of dataset 'moles' gives records without the column 'label' ('F', line 7): tell its author.",
        ),
        ("raise DermError('The table is not there.')", "The table is not there. (Plugin 'clinic' (clinic 1.0).)"),
    ],
)
def test_a_plugin_s_fault_is_told_as_its_own(place, plugin, body, said):
    file = plugin("clinic", DATASET.format(body=body, name="moles", field="records"))
    (place.data / "moles").mkdir(parents=True)
    sentence = place.refused("data", "check", "moles")
    assert said.replace("'F", f"'{file}").split("'F")[0] in sentence
    assert "did not expect" not in sentence
    assert "system refused" not in sentence


def test_with_verbose_the_traceback_and_what_the_plugin_prints_are_shown(place, plugin):
    plugin("clinic", DATASET.format(body="return {}['label']", name="moles", field="records"))
    (place.data / "moles").mkdir(parents=True)
    result = place.derm("--verbose", "data", "check", "moles", exit_status=1)
    assert isinstance(result.exception.__cause__, KeyError)


COMMANDS_OF_A_PLUGIN = """
import click
from derm_cli.plugin import hookimpl
from derm_cli.plugin import DermError


@hookimpl
def derm_commands(cli):
    @cli.command("{name}")
    @click.pass_context
    def greet(ctx):
        {body}

    {after}
"""


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (
            "[][0]",
            1,
            "Plugin 'greeting' (greeting 1.0): the command 'greet' fails (IndexError: list index out of range",
        ),
        ("open('nowhere')", 1, "the command 'greet' fails (FileNotFoundError"),
        ("raise DermError('Nobody is there.')", 1, "Error: Nobody is there. (Plugin 'greeting' (greeting 1.0).)"),
        ("raise click.UsageError('Say whom to greet.')", 2, "Error: Say whom to greet."),
        ("ctx.exit(7)", 7, ""),
        ("raise SystemExit(8)", 8, ""),
    ],
)
def test_what_a_plugin_s_command_raises(place, plugin, body, status, said):
    plugin("greeting", COMMANDS_OF_A_PLUGIN.format(name="greet", body=body, after=""))
    result = place.derm("greet", exit_status=status)
    assert said in result.stderr
    assert "Traceback" not in result.output


def listed(place):
    """Return the problems that ``derm plugins list`` has, a message by plugin."""
    return {each["plugin"]: each["message"] for each in place.json("plugins", "list")["problems"]}


def test_a_command_that_is_taken_is_refused_and_listed_and_the_first_stays(place, plugin):
    plugin("taking", COMMANDS_OF_A_PLUGIN.format(name="train", body="click.echo('mine')", after=""))
    plugin("one", COMMANDS_OF_A_PLUGIN.format(name="greet", body="click.echo('good day')", after=""))
    plugin("two", COMMANDS_OF_A_PLUGIN.format(name="greet", body="click.echo('good night')", after=""))
    said = listed(place)
    assert "derm_commands adds a command 'train', which is one of derm's and stays so (" in said["taking"]
    assert "derm_commands adds a command 'greet', which is one of one's and stays so (" in said["two"]
    assert place.derm("greet").stdout == "good day\n"
    assert "Train a backbone" in place.derm("train", "--help").stdout
    added = {each["name"]: each.get("commands") for each in place.json("plugins", "list")["plugins"]}
    assert (added["one"], added["two"], added["taking"]) == (["greet"], None, None)


def test_a_derm_commands_that_fails_is_listed_and_adds_nothing(place, plugin):
    plugin("failing", COMMANDS_OF_A_PLUGIN.format(name="greet", body="pass", after="raise RuntimeError('no luck')"))
    assert listed(place)["failing"].startswith("derm_commands fails (RuntimeError: no luck; '")
    assert "Problem: Plugin 'failing' (failing 1.0): derm_commands fails" in place.derm("plugins", "list").stdout
    helped = place.derm("--help")
    assert "greet" not in helped.stdout
    assert "Warning: Plugin 'failing' (failing 1.0): derm_commands fails" in helped.stderr
    assert "There is no command 'greet'" in place.refused("greet", exit_status=2)
    assert "derm_commands fails" in place.derm("doctor", exit_status=1).stdout


def test_a_name_of_derm_s_own_stays_derm_s(place, plugin):
    plugin("aaa", DATASET.format(body="return None", name="edra", field="records"))
    assert listed(place) == {
        "aaa": "the dataset name 'edra' is taken by plugin 'datasets', whose spec stays; this one is refused."
    }
    assert "edra" in place.derm("data", "list").stdout


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (DATASET.format(body="return None", name="x", field="record"), "DatasetSpec has no field 'record'. Did you"),
        (DATASET.format(body="return None", name="X Y", field="records"), "dataset 'X Y': field 'name' is 'X Y', but"),
        ("from derm_cli.plugin import hookimpl\n@hookimpl\ndef derm_data(): pass", "there is no hook 'derm_data'. Did"),
        ("from derm_cli.plugin import DatsetSpec", "it cannot be used (ImportError: cannot import name 'DatsetSpec'"),
        ("requires_interface = 99", f"it needs interface 99 of derm, and this derm has {INTERFACE}: upgrade derm-cli."),
        ("requires_interface = 99\nfrom derm_cli.plugin import Of99", "it needs interface 99 of derm, and this derm"),
        ("requires_interface = 0", "it was written for interface 0 of derm, and this derm serves 1 and later: upgrade"),
        (
            "requires_interface = '1'",
            f"requires_interface is '1', but must be a whole number such as {INTERFACE}: tell its author.",
        ),
        (
            DATASET.format(body="return None", name="x", field="records") + "\nassert not derm_datasets()[0].made",
            "'made' of a DatasetSpec is deprecated: use 'synthetic' ('",
        ),
        ("import sys, types\nsys.modules['torch'] = types.ModuleType('torch')", "its import imports PyTorch, which"),
    ],
)
def test_a_stranger_s_mistake_is_listed(place, plugin, monkeypatch, source, message):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "torch")
    plugin("strange", source)
    assert listed(place)["strange"].removeprefix("derm_datasets fails (").startswith(message)
    assert sys.modules.pop("torch", None) is None or "PyTorch" in message


def test_a_plugin_that_needs_the_interface_of_here_is_in_use(place, plugin):
    plugin("fitting", "requires_interface = 1\nprint('imported')")
    values = place.json("plugins", "list")
    assert "fitting" in [each["name"] for each in values["plugins"]]
    assert values["problems"] == []


WITH_OPTIONS = """
from derm_cli.plugin import ComponentOption, ExporterSpec, ScheduleSpec, hookimpl


@hookimpl
def derm_exporters():
    level = ComponentOption(name="try_level", default=6, most=9, title="how hard")
    return [ExporterSpec(name="zipped", title="a zip", suffix=".dzip", export=print, load=print, options=(level,))]


@hookimpl
def derm_schedules():
    least = ComponentOption(name="least", default=0.1, title="the last rate")
    return [ScheduleSpec(name="fading", title="it fades", phases=print, options=(least,))]
"""


def test_options_of_exporters_and_schedules_are_shown_and_held_to_their_types(place, plugin):
    plugin("optioned", WITH_OPTIONS)
    helped = " ".join(place.derm("export", "--help").stdout.split())
    assert "--zipped-try-level VALUE With --zipped: how hard, a whole number from 0 to 9. [default: 6]" in helped
    helped = " ".join(place.derm("train", "--help").stdout.split())
    assert "Options of --schedule: fading:least=VALUE the last rate, a number from 0 to 1. [default: 0.1]" in helped
    said = place.refused("export", "--zipped", "--zipped-try-level", "12", exit_status=2)
    assert "--zipped-try-level '12': 'try_level' of the exporter 'zipped' must be a whole number from 0 to 9" in said
    said = place.refused("export", "--onnx", "--zipped-try-level", "1", exit_status=2)
    assert "--zipped-try-level '1' goes with --zipped alone: give both." in said
