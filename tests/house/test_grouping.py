"""Tests that share something costly are run by one worker, as their mark says or what they share; the longest first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.scheduling import LONGEST
from tests.support.sources import ROOT

NOTING = """
import os
import pytest

def note(name):
    with open({folder!r} + "/" + name, "a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
"""
TESTS = {
    "test_marked.py": """
@pytest.mark.xdist_group("shared")
@pytest.mark.parametrize("number", range(8))
def test_one_of_a_group(number):
    note("marked")
""",
    "test_module.py": """
@pytest.fixture(scope="module")
def costly():
    note("made")

@pytest.mark.parametrize("number", range(8))
def test_one_that_shares(costly, number):
    note("of a module")
""",
    "test_run.py": """
@pytest.mark.parametrize("number", range(4))
def test_one_that_looks_at_a_run(finished, number):
    note("of a run")
""",
    "test_other_run.py": """
@pytest.mark.parametrize("number", range(4))
def test_another(finished, number):
    note("of a run")
""",
}
CONFTEST = """
import pytest
from tests.support.scheduling import pytest_collection_modifyitems

@pytest.fixture(scope="session")
def finished():
    pass
"""


def test_a_group_is_run_by_one_worker(tmp_path: Path) -> None:
    """A pytest whose node ids pytest-xdist cannot mark would let each worker make what a group shares."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for name, text in TESTS.items():
        (tmp_path / name).write_text(NOTING.format(folder=str(tmp_path)) + text)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", tmp_path, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for name, count in (("marked", 8), ("of a module", 8), ("of a run", 8), ("made", 1)):
        workers = (tmp_path / name).read_text().split()
        assert len(workers) == count, name
        assert len(set(workers)) == 1, name


def test_the_files_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)
