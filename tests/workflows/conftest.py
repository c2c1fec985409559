"""Finished runs that are equal, until a test changes one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.runs.folder import RunFolder
from tests.support import run_folders


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> tuple[Path, Path]:
    """Two stored networks, whose heads differ in two weights."""
    return run_folders.make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def pair(tmp_path, models) -> tuple[RunFolder, RunFolder]:
    """Two equal runs, 'one' and 'other'."""
    first, second = (run_folders.make_run(tmp_path, name, models[0]) for name in ("one", "other"))
    return first, second
