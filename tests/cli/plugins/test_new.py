"""New plugins: each kind installs and passes its own tests as it is; names that cannot be are refused."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from string import Template

import pytest

from derm_cli.cli.plugins import KINDS
from derm_cli.workflows.plugins import new

ROOT = Path(__file__).parents[3]


def written(place, root: Path, kind: str, name: str) -> Path:
    """Write a plugin into a folder of ``root``, and beside its sources what an installer would."""
    folder = root / kind
    place.derm("plugins", "new", kind, name, "--into", folder)
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    facts = folder / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "".join(f"{name} = {module}\n" for name, module in project["entry-points"]["derm"].items())
    (facts / "entry_points.txt").write_text(f"[derm]\n{points}")
    return folder


def test_the_tests_of_every_kind_pass_as_they_are(place, tmp_path):
    """All in one process, for a framework takes seconds to start; what nobody replaced would be no Python."""
    folders = [written(place, tmp_path / "new", kind, f"my-{kind}") for kind in KINDS]
    for folder in folders:
        texts = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
        assert {path.name for path in texts} >= {"LICENSE", "README.md", "pyproject.toml", "test.yml", "py.typed"}
        for path, text in texts.items():
            assert "$" not in text.replace("${{", ""), path
            if path.suffix == ".py":
                ast.parse(text)
    paths = [ROOT, ROOT / "plugins", *(folder / "src" for folder in folders)]
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["-p", "derm_cli.plugin.testing.pytest_plugin", "--strict-markers", "--import-mode=importlib"]
    command += ["-W", "error::pytest.PytestWarning", "--rootdir", tmp_path, "-c", os.devnull]
    done = subprocess.run(
        [*map(str, command), *(str(folder / "tests") for folder in folders)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
    for kind in KINDS:
        of_what = f"{'plugin' if kind in ('tracker', 'command') else kind.replace('-', ' ')} 'my-{kind}'"
        assert f"test_the_plugin_keeps_its_contract[{of_what}: " in done.stdout, done.stdout


def test_every_kind_of_the_command_has_a_template():
    assert tuple(new.KINDS) == KINDS
    assert {folder.name for folder in new.TEMPLATES.iterdir()} == {*KINDS, new.SHARED}


def test_help_and_page_tell_of_every_kind(place):
    said = " ".join(place.derm("plugins", "new", "--help").stdout.split())
    assert f"KIND is what it adds: {', '.join(KINDS[:-1])} or {KINDS[-1]}." in said
    page = (ROOT / "docs" / "guides" / "plugins.md").read_text(encoding="utf-8")
    section = page.partition("## Begin with a new one\n")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_is_a_command_of_derm(place, kind):
    """What is asked for by the plugin's own name is there once it is installed."""
    words = shlex.split(Template(new.KINDS[kind].example).substitute(name="my-plugin"), comments=True)[1:]
    if kind == "command":
        assert words == ["my-plugin", "--help"]
        return
    known = [word for word in words if word != "--my-plugin"]
    assert len(words) - len(known) == (kind == "exporter")
    assert place.derm(*known, "--help").stdout.startswith(f"Usage: derm {known[0]}")


def test_it_says_what_to_do_next(place):
    said = place.derm("plugins", "new", "schedule", "my-schedule").stdout
    assert "Written to derm-my-schedule:\n  .github/workflows/test.yml\n" in said
    assert said.endswith(
        "Next, in an environment that has derm:\n"
        "  cd derm-my-schedule\n"
        "  pip install --editable . --group dev\n"
        "  derm plugins check my-schedule\n"
        "  python -m pytest\n"
    )
    values = place.json("plugins", "new", "recipe", "derm-mine", "--into", "a folder")
    assert (values["name"], values["distribution"]) == ("mine", "derm-mine")
    assert values["path"] == str(Path("a folder").resolve())
    assert values["next"][0] == "cd 'a folder'"
    assert {path.relative_to("a folder").as_posix() for path in Path("a folder").rglob("*") if path.is_file()} == set(
        values["written"]
    )


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("dataset", "My_Clinic", "cannot have the name 'My_Clinic': it must be lower-case words"),
        ("dataset", "my clinic", "as in 'my-clinic'"),
        ("dataset", "3d", "a letter first"),
        ("dataset", "klinik-ü", "of a to z"),
        ("dataset", "", "cannot have the name ''"),
        ("dataset", "a" * 51, "50 characters at most"),
        ("dataset", "../up", "as in 'up'"),
        ("tracker", "tensorboard", "There is a plugin 'tensorboard' already (of derm-cli"),
        ("dataset", "ham10000", "The plugin 'datasets' adds the dataset 'ham10000' already"),
        ("backbone", "effnet-b3", "The plugin 'backbones' adds the backbone 'effnet-b3' already"),
        ("schedule", "full", "The plugin 'strategies' adds the schedule 'full' already"),
        ("exporter", "bundle", "The plugin 'mobile-export' adds the packager 'bundle' already"),
        ("executor", "local", "The plugin 'executors' adds the executor 'local' already"),
        ("preprocessing-step", "none", "The name 'none' stands for no step: give your preprocessing step another name"),
        ("exporter", "json", "The name 'json' is that of an option of derm export, --json"),
        ("dataset", "imagenet", "The name 'imagenet' stands for the weights"),
        ("command", "train", "The name 'train' is that of a command that derm has"),
        ("strategy", "cli", "'derm-cli' is installed already, or is a part of derm"),
    ],
)
def test_a_name_that_cannot_be_or_is_taken_is_refused(place, kind, name, said):
    assert said in place.refused("plugins", "new", kind, "--", name, exit_status=2)
    assert not list(Path.cwd().iterdir())


def test_a_folder_that_has_anything_in_it_is_left_as_it_is(place):
    Path("derm-mine").mkdir()
    place.derm("plugins", "new", "tracker", "mine")
    kept = Path("derm-mine/pyproject.toml").read_text()
    assert "name a new one with --into" in place.refused("plugins", "new", "command", "mine")
    assert Path("derm-mine/pyproject.toml").read_text() == kept
    Path("file").write_text("")
    assert "name another with --into" in place.refused("plugins", "new", "command", "mine", "--into", "file")


def test_nothing_is_written_into_a_run(place, monkeypatch):
    run = place.runs / "20260101-000000-abcd"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    said = "is in the folder of run '20260101-000000-abcd'"
    assert said in place.refused("plugins", "new", "tracker", "mine", "--into", run / "mine", exit_status=2)
    monkeypatch.chdir(run)
    assert said in place.refused("plugins", "new", "tracker", "mine", exit_status=2)
    assert [each.name for each in run.iterdir()] == ["run.json"]
