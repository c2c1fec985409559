"""Two runs to list, choose and remove."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def two(finished, tmp_path):
    """A place with two finished runs, the second a copy under another id, and their ids."""
    place, run = finished
    copy = type(place)(tmp_path / "place")
    shutil.copytree(place.root, copy.root)
    later = "29990101-000000-ffff"
    shutil.copytree(copy.runs / run, copy.runs / later)
    return copy, run, later
