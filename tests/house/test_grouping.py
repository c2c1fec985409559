"""Tests that share something costly are run by one worker, as their mark says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """
import os
import pytest

@pytest.mark.xdist_group("shared")
@pytest.mark.parametrize("number", range(8))
def test_one_of_a_group(number):
    with open({file!r}, "a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
"""


def test_a_group_is_run_by_one_worker(tmp_path: Path) -> None:
    """A pytest whose node ids pytest-xdist cannot mark would let each worker make what a group shares."""
    seen = tmp_path / "workers"
    (tmp_path / "test_made.py").write_text(TESTS.format(file=str(seen)))
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, tmp_path], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    workers = seen.read_text().split()
    assert len(workers) == 8
    assert len(set(workers)) == 1
