"""Generated plugins are what pip would have installed."""

from __future__ import annotations

import json
import subprocess

from benchmarks.generated_plugins import write_plugins
from benchmarks.processes import DERM, environment


def test_made_plugins_are_seen_by_the_installed_command(tmp_path):
    names = write_plugins(tmp_path / "plugins", 50)
    process = subprocess.run(
        [DERM, "plugins", "list", "--json"],
        env=environment([tmp_path / "plugins"]),
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    listed = json.loads(process.stdout)
    assert listed["problems"] == []
    plugins_by_name = {each["name"]: each for each in listed["plugins"]}
    assert all(plugins_by_name[name]["datasets"] == [name] for name in names)
    assert all(plugins_by_name[name]["distribution"] == f"{name} 1.0" for name in names)


def test_made_plugins_have_a_name_each(tmp_path):
    assert len(set(write_plugins(tmp_path, 50))) == 50
