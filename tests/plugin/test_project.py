"""A project's own plugin: loaded where its settings lie and nowhere else, and told of as its file where it fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from derm_cli.config import load
from derm_cli.errors import DermError
from derm_cli.plugin.project import FILE, ProjectPlugin, project_plugin

SCHEDULE = """
from dataclasses import dataclass
from derm_cli.plugin import Phase, ScheduleSpec, hookimpl

@dataclass
class Rates:
    head: float = 1e-3

def phases(request):
    return (Phase(name="all", blocks=request.blocks, epochs=1, head_rate=Rates().head, block_rate=1e-4),)

@hookimpl
def derm_schedules():
    return [ScheduleSpec(name="ours", title="Ours", phases=phases)]
"""


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    sys.modules.pop("derm_plugin", None)


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text)
    return folder / FILE


def test_it_is_in_use_and_listed_with_its_path(place):
    file = write(Path.cwd(), SCHEDULE)
    Path("derm.toml").write_text("")
    (plugin,) = (each for each in place.json("plugins", "list")["plugins"] if each["name"] == FILE)
    assert plugin == {"name": FILE, "distribution": str(file), "module": "derm_plugin", "schedules": ["ours"]}
    assert FILE not in place.derm("plugins", "list", DERM_DISABLED_PLUGINS=FILE).stdout


def test_where_no_settings_lie_no_code_is_run(place):
    """Neither in the working folder, nor in a folder that is given as data."""
    for folder in (Path.cwd(), place.data, place.data / "pad-ufes-20"):
        write(folder, "raise SystemExit('this was run')")
    listing = place.json("plugins", "list")
    assert [each["name"] for each in listing["plugins"] if each["name"] == FILE] == []
    assert listing["problems"] == []


def test_it_lies_beside_the_settings_that_are_named(tmp_path):
    file = write(tmp_path / "project", SCHEDULE)
    (tmp_path / "project" / "derm.toml").write_text("")
    settings = load({}, {"DERM_CONFIG": str(tmp_path / "project" / "derm.toml")})
    assert project_plugin(settings.file) == ProjectPlugin(file)
    assert project_plugin(None) is None
    assert project_plugin(tmp_path / "derm.toml") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nx = (", "line 2: SyntaxError: '(' was never closed"),
        ("\n\nraise ValueError('no\\nmore')", "line 3: ValueError: no"),
        ("import no_such_module", "line 1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit", "line 1: SystemExit"),
        ("def f():\n    return {}['a']\nf()", "line 2: KeyError: 'a'"),
    ],
)
def test_a_fault_is_told_as_the_file_s_and_derm_goes_on_without_it(place, text, said):
    file = write(Path.cwd(), text)
    Path("derm.toml").write_text("")
    with pytest.raises(DermError) as failed:
        ProjectPlugin(file).load()
    assert str(failed.value) == f"'{file}', {said}"
    result = place.derm("plugins", "list")
    assert f"Plugin '{FILE}': it cannot be used ('{file}', {said}" in result.stdout
    assert "derm-cli" in result.stdout
