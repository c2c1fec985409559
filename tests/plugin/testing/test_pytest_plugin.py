"""The kit in pytest: a test for each check of the plugin that a test is marked with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEST = """
import pytest

{mark}
def test_it(derm_check):
    derm_check()
"""
PLUGIN = """
from derm_cli.plugin import ScheduleSpec, hookimpl

@hookimpl
def derm_schedules():
    return [ScheduleSpec(name="ours", title="Ours", phases=lambda request: ())]
"""


@pytest.fixture
def outcome(tmp_path):
    """Return a function that runs a test in a process that has a plugin ``made``: its exit status, and what it said."""

    def run(mark: str) -> tuple[int, str]:
        facts = tmp_path / "made-1.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: made\nVersion: 1\n")
        (facts / "entry_points.txt").write_text("[derm]\nmade = made_plugin\n")
        (tmp_path / "made_plugin.py").write_text(PLUGIN)
        (tmp_path / "test_made.py").write_text(TEST.format(mark=mark))
        command = [sys.executable, "-m", "pytest", "-p", "derm_cli.plugin.testing.pytest_plugin", "-c", os.devnull]
        command += ["-p", "no:cacheprovider", "--strict-markers", "-v", "--rootdir", str(tmp_path), "test_made.py"]
        paths = os.pathsep.join(map(str, (ROOT, ROOT / "plugins", tmp_path)))
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": paths}, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_each_check_is_a_test_and_a_fault_is_told_in_its_sentence(outcome):
    status, said = outcome('@pytest.mark.derm_plugin("made")')
    assert status == 1, said
    assert "2 passed" in said
    assert "1 failed" in said
    assert "test_it[schedule 'ours': its phases] FAILED" in said
    assert (
        "schedule 'ours': its phases: for 1 blocks and --epochs 1 it gives (), but must give a tuple of phases" in said
    )
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("mark", "wanted"),
    [
        ("", 'Mark the test with @pytest.mark.derm_plugin("NAME")'),
        ('@pytest.mark.derm_plugin("mad")', "There is no plugin 'mad'. Did you mean 'made'?"),
    ],
)
def test_a_plugin_that_is_not_named_or_not_there_is_told_of(outcome, mark, wanted):
    status, said = outcome(mark)
    assert status != 0
    assert wanted in said
