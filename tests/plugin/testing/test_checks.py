"""All checks of a plugin: the built-in ones pass them, and whatever a plugin raises is told with its place."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from derm_cli.data.preprocessing import read_photograph
from derm_cli.errors import RequestError
from derm_cli.plugin import DatasetSpec
from derm_cli.plugin.registry import Registry
from derm_cli.plugin.testing import plugin_checks
from tests.support.installed import only_derm_s

ELSEWHERE = ("its network, blocks, scaling and saving", "its records")
"""Checks of built-in plugins that tests/plugins asks of each backbone and dataset by itself."""


def faults(checks):
    return {str(each): fault for each in checks if (fault := each.outcome().fault)}


@pytest.mark.parametrize("name", [each.name for each in Registry().plugins if each.is_own])
def test_the_built_in_plugins_pass_the_kit(name):
    checks = [each for each in plugin_checks(Registry(), name, read=read_photograph) if each.title not in ELSEWHERE]
    assert len(checks) >= 3 - (name == "backbones")
    assert faults(checks) == {}


@pytest.fixture
def made_plugin(tmp_path, monkeypatch):
    """Return a maker of the registry of this environment and a plugin ``made`` of one module's text."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(text: str) -> Registry:
        (tmp_path / "made_plugin.py").write_text(text)
        points = [*metadata.entry_points(group="derm"), metadata.EntryPoint("made", "made_plugin", "derm")]
        monkeypatch.setattr(metadata, "entry_points", only_derm_s(points))
        return Registry()

    yield make
    sys.modules.pop("made_plugin", None)


DATASET = """
from derm_cli.plugin import DatasetSpec, DermError, LesionClass, hookimpl

def records(root):
    {body}

@hookimpl
def derm_datasets():
    facts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "none")
    classes = (LesionClass(name="a", title="a"),)
    return [DatasetSpec(name="ours", title="Ours", classes=classes, records=records, modality="clinical", **facts)]
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "return list(root.iterdir())",
            "FileNotFoundError: .*'{file}', line 5.*Raise DermError with the path",
        ),
        ("return []", "gives a list, but must give pd.DataFrame .*Raise DermError"),
        ("raise DermError('none')", None),
    ],
)
def test_a_folder_that_is_not_there_must_be_refused_in_words(made_plugin, body, said):
    found = faults(plugin_checks(made_plugin(DATASET.format(body=body)), "made"))
    if said is None:
        assert found == {}
    else:
        (fault,) = found.values()
        assert re.search(said.format(file=sys.modules["made_plugin"].__file__), fault)


def test_records_are_looked_at_where_a_folder_is_given(made_plugin, tmp_path):
    registry = made_plugin(DATASET.format(body="raise DermError('none')"))
    (last,) = (each for each in plugin_checks(registry, "made") if each.title == "its records")
    assert (last.outcome().fault, last.outcome().note) == ("", "no folder of it is here")

    def folder_of(spec: DatasetSpec) -> Path | None:
        return tmp_path if spec.name == "ours" else None

    (last,) = (each for each in plugin_checks(registry, "made", folder_of) if each.title == "its records")
    assert last.outcome().fault.startswith("it is refused: none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import pandas", "its module imports pandas, and derm imports it whenever it starts"),
        ("def derm_datasets(): return []", "the function 'derm_datasets' lacks the marker"),
        ("raise ValueError('no')", "no"),
        (
            "from derm_cli.plugin import hookimpl\n@hookimpl\ndef derm_backbones(): return [3]",
            "which is no BackboneSpec",
        ),
        (
            "from derm_cli.plugin import hookimpl\n@hookimpl\ndef derm_commands(cli): 1 / 0",
            "ZeroDivisionError in '{file}', line 3",
        ),
    ],
)
def test_what_derm_cannot_use_is_a_fault(made_plugin, text, said):
    checks = plugin_checks(made_plugin(text), "made")
    file = getattr(sys.modules.get("made_plugin"), "__file__", "")
    assert any(said.format(file=file) in fault for fault in faults(checks).values())


def test_a_plugin_that_there_is_not_is_refused():
    with pytest.raises(RequestError, match=r"There is no plugin 'backbone'. Did you mean 'backbones'"):
        plugin_checks(Registry(), "backbone")
