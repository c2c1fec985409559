"""Plugins and their faults, with entry points made in memory."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from importlib import metadata
from types import ModuleType
from typing import ClassVar

import click
import pytest

from derm_cli.engine.stopping import Stopped
from derm_cli.errors import DermError, Interrupted, RequestError
from derm_cli.plugin import (
    BackboneSpec,
    DatasetSpec,
    ExporterSpec,
    LesionClass,
    PackagerSpec,
    StopRequest,
    hookimpl,
    hookspecs,
)
from derm_cli.plugin.marker import hookspec
from derm_cli.plugin.registry import Registry
from derm_cli.plugin.spec import Spec
from tests.support.installed import only_derm_s

TEXTS = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")


def spec(name: str, **changes) -> DatasetSpec:
    values = {
        "name": name,
        "title": name,
        "classes": (LesionClass(name="A", title="A"),),
        "records": lambda _: None,
        "modality": "clinical",
        **TEXTS,
    }
    return DatasetSpec(**{**values, **changes})


@pytest.fixture
def plugins(monkeypatch):
    """Return a maker of the environment's plugins: hooks by plugin name, or None for a module that is not there."""

    def install(**made):
        points = []
        for name, hooks in made.items():
            module = ModuleType(f"made_{name}")
            if isinstance(hooks, dict):
                for hook, function in hooks.items():
                    setattr(module, hook, function)
                monkeypatch.setitem(sys.modules, module.__name__, module)
            points.append(metadata.EntryPoint(name.replace("_", "-"), module.__name__, "derm"))
        monkeypatch.setattr(metadata, "entry_points", only_derm_s(points))

    return install


def datasets(*names_or_error):
    def derm_datasets():
        if isinstance(names_or_error[0], BaseException):
            raise names_or_error[0]
        return [each if not isinstance(each, str) else spec(each) for each in names_or_error]

    return {"derm_datasets": hookimpl(derm_datasets)}


def said(registry) -> str:
    """Return what is wrong, with HERE for each file and line."""
    return re.sub(r"'[^']*\.py', line \d+", "HERE", "\n".join(map(str, registry.problems)))


def test_specs_are_found_by_name(plugins):
    plugins(one=datasets("a"), two=datasets("b", "c"))
    registry = Registry()
    assert list(registry.all(DatasetSpec)) == ["a", "b", "c"]
    assert registry.get(DatasetSpec, "b").title == "b"
    assert registry.owner(DatasetSpec, "b") == "two"
    assert registry.problems == []


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CoffeeSpec(Spec):
    kind: ClassVar[str] = "coffee"
    hook: ClassVar[str] = "derm_coffees"

    name: str
    title: str
    strength: int


@hookspec
def derm_coffees():
    """Return the coffees that the plugin adds."""


def test_a_new_kind_of_spec_needs_a_dataclass_and_a_hook_and_no_more(plugins, monkeypatch):
    assert "coffees" not in Registry().kinds
    monkeypatch.setattr(hookspecs, "derm_coffees", derm_coffees, raising=False)
    plugins(bar={"derm_coffees": hookimpl(lambda: [CoffeeSpec(name="mocha", title="Mocha", strength=7)])})
    registry = Registry()
    assert list(registry.kinds)[-1] == "coffees"
    assert registry.get(CoffeeSpec, "mocha").strength == 7
    assert registry.owner(CoffeeSpec, "mocha") == "bar"
    with pytest.raises(RequestError, match=r"There is no coffee 'mokka'\. Did you mean 'mocha'\?"):
        registry.get(CoffeeSpec, "mokka")
    assert registry.problems == []


def test_the_kinds_are_in_the_order_in_which_derm_lists_them():
    assert list(Registry().kinds) == [
        *("datasets", "backbones", "strategies", "schedules", "exporters", "packagers", "executors", "metrics"),
        *("report_sections", "preprocessing_steps", "recipes"),
        *("losses", "samplers", "targets", "mixings", "optimizers", "annealings", "averages", "augmentations", "views"),
    ]


def test_an_unknown_name_offers_the_nearest(plugins):
    plugins(one=datasets("edra"))
    with pytest.raises(RequestError, match=r"no dataset 'edraa'\. Did you mean 'edra'"):
        Registry().get(DatasetSpec, "edraa")


def test_a_name_taken_twice_is_used_by_neither_and_hides_no_other(plugins):
    plugins(one=datasets("a", "b"), two=datasets("a"))
    registry = Registry()
    assert list(registry.all(DatasetSpec)) == ["b"]
    assert said(registry) == "Plugin 'two': the dataset name 'a' is taken by plugin 'one'; neither is used."
    with pytest.raises(RequestError, match=r"claimed by the plugins 'one' and 'two'.*DERM_DISABLED_PLUGINS"):
        registry.get(DatasetSpec, "a")
    assert list(Registry(disabled=["one"]).all(DatasetSpec)) == ["a"]


def exporter(name: str, suffix: str) -> ExporterSpec:
    return ExporterSpec(name=name, title=name, suffix=suffix, export=lambda *_: None, load=lambda _: None)


@pytest.mark.parametrize("suffix", [".pb", ".PB"])
def test_of_two_exporters_of_one_suffix_the_second_is_told_of_and_not_used(plugins, suffix):
    first, others = [exporter("a", ".pb")], [exporter("b", suffix), exporter("c", ".npz")]
    plugins(one={"derm_exporters": hookimpl(lambda: first)}, two={"derm_exporters": hookimpl(lambda: others)})
    registry = Registry()
    assert {name: each.suffix for name, each in registry.all(ExporterSpec).items()} == {"a": ".pb", "c": ".npz"}
    assert said(registry) == (
        f"Plugin 'two': the exporter 'b' has the suffix '{suffix}' of 'a' of plugin 'one'; it is not used."
    )


def packager(name: str) -> PackagerSpec:
    functions = dict.fromkeys(("pack", "verify", "models"), lambda *_: None)
    return PackagerSpec(name=name, title=name, marker=f"{name}.json", **functions)


@pytest.mark.parametrize("looked_up", [ExporterSpec, PackagerSpec])
def test_an_exporter_and_a_packager_of_one_name_are_told_of_whichever_is_looked_up_first(plugins, looked_up):
    """Each is an option of one command."""
    packagers, exporters = [packager("a"), packager("b")], [exporter("a", ".a"), exporter("c", ".c")]
    plugins(one={"derm_packagers": hookimpl(lambda: packagers)}, two={"derm_exporters": hookimpl(lambda: exporters)})
    registry = Registry()
    registry.all(looked_up)
    assert (list(registry.all(ExporterSpec)), list(registry.all(PackagerSpec))) == (["a", "c"], ["b"])
    assert said(registry) == (
        "Plugin 'one': the packager 'a' has the name of the exporter 'a' of plugin 'two', and each is an option '--a'; "
        "it is not used."
    )


def test_nobody_takes_a_name_from_derm_s_own_packager_by_an_exporter_nor_its_ending(monkeypatch):
    module = ModuleType("made_aaa")
    module.derm_exporters = hookimpl(lambda: [exporter("bundle", ".mine")])
    zipping = ModuleType("made_bbb")
    zipping.derm_exporters = hookimpl(lambda: [exporter("packed", ".ZIP")])
    points = list(metadata.entry_points(group="derm"))
    for name, each in (("aaa", module), ("bbb", zipping)):
        monkeypatch.setitem(sys.modules, each.__name__, each)
        points.append(metadata.EntryPoint(name, each.__name__, "derm"))
    monkeypatch.setattr(metadata, "entry_points", only_derm_s(points))
    registry = Registry()
    assert "bundle" in registry.all(PackagerSpec)
    assert not {"bundle", "packed"} & set(registry.all(ExporterSpec))
    assert "the exporter 'bundle' has the name of the packager 'bundle' of plugin 'mobile-export'" in said(registry)
    assert "field 'suffix' is '.ZIP', but must be another one, for this is a bundle's" in said(registry)


def test_nobody_takes_a_suffix_from_derm_s_own_exporters(monkeypatch):
    """A plugin whose name stands before derm's in the alphabet."""
    module = ModuleType("made_aaa")
    module.derm_exporters = hookimpl(lambda: [exporter("mine", ".keras")])
    monkeypatch.setitem(sys.modules, module.__name__, module)
    points = [*metadata.entry_points(group="derm"), metadata.EntryPoint("aaa", module.__name__, "derm")]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    registry = Registry()
    assert list(registry.all(ExporterSpec)) == ["keras", "tflite", "onnx"]
    assert "'mine' has the suffix '.keras' of 'keras' of plugin 'mobile-export'; it is not used." in said(registry)


def test_a_plugin_that_fails_to_import_is_named_and_hides_no_other(plugins):
    plugins(broken=None, one=datasets("a"))
    registry = Registry()
    assert list(registry.all(DatasetSpec)) == ["a"]
    assert (
        said(registry)
        == "Plugin 'broken': it cannot be used (ModuleNotFoundError: No module named 'made_broken'): tell its author."
    )
    with pytest.raises(RequestError, match="Not in order: 'broken'"):
        registry.get(DatasetSpec, "z")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("def f(:", "SyntaxError: invalid syntax (made_faulty.py, line 1)"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_whatever_an_import_raises_is_told_of(plugins, tmp_path, monkeypatch, source, message):
    (tmp_path / "made_faulty.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    plugins(faulty=None, one=datasets("a"))
    registry = Registry()
    assert list(registry.all(DatasetSpec)) == ["a"]
    assert said(registry) == f"Plugin 'faulty': it cannot be used ({message}; HERE): tell its author."


def test_what_nobody_needs_is_not_asked_for(plugins):
    plugins(broken=datasets(SystemExit("no luck")), one=datasets("a"))
    registry = Registry()
    assert registry.all(BackboneSpec) == registry.all(ExporterSpec) == {}
    assert registry.problems == []
    assert list(registry.all(DatasetSpec)) == ["a"]
    assert said(registry) == "Plugin 'broken': derm_datasets fails (SystemExit: no luck; HERE): tell its author."


def test_a_hook_that_fails_is_named(plugins):
    plugins(broken=datasets(ValueError("no luck")), one=datasets("a"))
    registry = Registry()
    assert list(registry.all(DatasetSpec)) == ["a"]
    assert said(registry) == "Plugin 'broken': derm_datasets fails (ValueError: no luck; HERE): tell its author."


def test_a_hook_that_does_not_exist_is_named(plugins):
    plugins(one={"derm_datasts": hookimpl(lambda: [])})
    assert said(Registry()) == (
        "Plugin 'one': there is no hook 'derm_datasts'. Did you mean 'derm_datasets' or 'derm_targets'?"
    )


def test_a_hook_without_its_marker_is_named(plugins):
    plugins(one={"derm_datasets": lambda: [spec("a")]})
    registry = Registry()
    assert registry.all(DatasetSpec) == {}
    assert "'derm_datasets' lacks the marker @hookimpl" in said(registry)


def test_a_hook_with_wrong_arguments_is_named(plugins):
    plugins(one={"derm_epoch_ended": hookimpl(lambda nonsense: None)})
    assert said(Registry()) == (
        "Plugin 'one': derm_epoch_ended has no argument 'nonsense', so it is never called. "
        "Known: epoch, run, seconds_left."
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "A B"}, "field 'name' is 'A B'"),
        ({"title": ""}, "field 'title' is ''"),
        ({"classes": ()}, "field 'classes' is ()"),
        ({"classes": ("A",)}, "a tuple of LesionClass"),
        ({"records": "x"}, "field 'records' is 'x', but must be a function"),
        ({"modality": "x-ray"}, "field 'modality' is 'x-ray'"),
        ({"modality": "made"}, "field 'make' is None"),
        ({"licence": None}, "field 'licence' is None"),
    ],
)
def test_a_wrong_field_is_named(plugins, changes, expected):
    def derm_datasets():
        return [spec(**{"name": "a", **changes})]

    plugins(one={"derm_datasets": hookimpl(derm_datasets)})
    assert expected in said(registry_of_all())


def registry_of_all() -> Registry:
    registry = Registry()
    assert registry.all(DatasetSpec) == {}
    return registry


def test_what_is_no_spec_is_named(plugins):
    plugins(one=datasets(7))
    assert (
        said(registry_of_all())
        == "Plugin 'one': derm_datasets gives 7, which is no DatasetSpec (HERE): tell its author."
    )


def test_only_and_disabled(plugins):
    plugins(one=datasets("a"), two=datasets("b"), three=datasets("c"))
    assert list(Registry(only=["one", "two"]).all(DatasetSpec)) == ["a", "b"]
    assert list(Registry(disabled=["two"]).all(DatasetSpec)) == ["a", "c"]
    assert said(Registry(only=["onne"])) == "Plugin 'onne': it is not installed. Did you mean 'one'?"


def test_two_distributions_with_one_plugin_name(plugins, monkeypatch):
    plugins(one=datasets("a"))
    points = metadata.entry_points(group="derm")
    monkeypatch.setattr(metadata, "entry_points", only_derm_s([*points, *points]))
    registry = Registry()
    assert list(registry.all(DatasetSpec)) == ["a"]
    assert "two distributions give this name" in said(registry)


def test_commands_of_plugins(plugins):
    def derm_commands(cli):
        cli.add_command(click.Command("hello"))

    def failing(cli):
        raise RuntimeError("no")

    plugins(one={"derm_commands": hookimpl(derm_commands)}, two={"derm_commands": hookimpl(failing)})
    registry, group = Registry(), click.Group()
    registry.add_commands(group)
    assert list(group.commands) == ["hello"]
    assert said(registry) == "Plugin 'two': derm_commands fails (RuntimeError: no; HERE): tell its author."


def test_a_derm_error_of_a_tracker_is_a_warning_once_a_hook_and_it_is_asked_again(plugins, capsys):
    asked = []

    def derm_epoch_ended(epoch):
        asked.append(epoch)
        raise DermError("The server 'x' is not there.")

    def derm_stage_started():
        raise RequestError("The server 'x' wants a name.")

    plugins(
        bad={"derm_epoch_ended": hookimpl(derm_epoch_ended), "derm_stage_started": hookimpl(derm_stage_started)},
    )
    registry = Registry()
    for epoch in (1, 2):
        registry.tell("derm_epoch_ended", run="r", epoch=epoch)
        registry.tell("derm_stage_started", run="r", stage="s")
    assert asked == [1, 2]
    warned = capsys.readouterr().err
    assert warned.count("derm_epoch_ended says: The server 'x' is not there. The run goes on.") == 1
    assert warned.count("derm_stage_started says: The server 'x' wants a name. The run goes on.") == 1
    assert len(registry.problems) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Stopped(15), MemoryError(), Interrupted("Run 'r' stopped.")])
def test_a_signal_in_a_tracker_and_memory_that_is_used_up_end_the_run(plugins, error):
    def derm_epoch_ended():
        raise error

    plugins(bad={"derm_epoch_ended": hookimpl(derm_epoch_ended)})
    with pytest.raises(type(error)) as caught:
        Registry().tell("derm_epoch_ended", run="r", epoch=1)
    assert caught.value is error


def test_a_name_that_one_plugin_gives_twice_is_its_first(plugins):
    plugins(one={"derm_datasets": hookimpl(lambda: [spec("a"), replace(spec("a"), title="second")])})
    registry = Registry()
    assert registry.get(DatasetSpec, "a").title == "a"
    assert "whose spec stays; this one is refused." in said(registry)


def test_a_tracker_that_fails_is_told_of_once_and_the_others_go_on(plugins, capsys):
    heard = []

    def listening(run, epoch):
        heard.append((run, epoch))

    def failing(epoch):
        raise RuntimeError("no")

    plugins(bad={"derm_epoch_ended": hookimpl(failing)}, good={"derm_epoch_ended": hookimpl(listening)})
    registry = Registry()
    for epoch in (1, 2):
        registry.tell("derm_epoch_ended", run="r", epoch=epoch)
    assert heard == [("r", 1), ("r", 2)]
    assert capsys.readouterr().err.count("Plugin 'bad': derm_epoch_ended fails") == 1


def test_what_ends_training_is_returned_and_any_other_answer_is_the_plugin_s_fault(plugins, capsys):
    request = StopRequest(reason="enough")
    plugins(
        silent={"derm_epoch_ended": hookimpl(lambda: None), "derm_run_started": hookimpl(lambda: "of no concern")},
        asking={"derm_epoch_ended": hookimpl(lambda: request)},
        wrong={"derm_epoch_ended": hookimpl(lambda: "stop")},
        wordless={"derm_epoch_ended": hookimpl(lambda: StopRequest(reason=""))},
    )
    registry = Registry()
    assert registry.tell("derm_run_started", run="r") == {}
    for _ in range(2):
        assert registry.tell("derm_epoch_ended", run="r", epoch=1, seconds_left=None) == {"asking": request}
    told = " ".join(capsys.readouterr().err.split())
    assert told.count("derm_epoch_ended gives the str 'stop', but must give StopRequest | None") == 1
    assert "Plugin 'wrong'" in told
    assert "the run goes on without this plugin" in told
    assert "Plugin 'wordless': derm_epoch_ended says: stop request: field 'reason' is ''" in told


def test_a_plugin_that_fails_after_something_was_written_is_told_of_in_other_words(plugins, capsys):
    def failing():
        raise RuntimeError("no")

    plugins(bad={"derm_predicted": hookimpl(failing), "derm_exported": hookimpl(failing)})
    registry = Registry()
    assert [registry.listens(each) for each in ("derm_predicted", "derm_run_started")] == [True, False]
    registry.tell("derm_predicted", summary="s", photographs=())
    told = " ".join(capsys.readouterr().err.split())
    assert "Plugin 'bad': derm_predicted fails (RuntimeError: no; " in told
    assert "; what was written stays, and it is told of no more." in told
    assert "the run goes on" not in told
