"""What every test shares: a home of its own, so that none touches a user's files, and the real photographs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.commands import (  # noqa: F401 - of every room
    bundled,
    calibrated,
    finished,
    place,
    place_in,
    real_run,
    tiny_backbone,
)
from tests.support.scheduling import pytest_collection_modifyitems  # noqa: F401 - which worker runs what, and when

# Most tests are of what recipes have in common: the paper's, whose figures are known, is the cheapest on tiny networks.
os.environ["DERM_TRAIN_RECIPE"] = "paper"
KEPT = ("DERM_TEST_DATA", "DERM_TRAIN_RECIPE")
"""Variables of derm that tests leave as they are."""

REAL_DATA = Path(os.environ.get("DERM_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move every path of a user to a temporary folder, and stand in an empty one."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("DERM_") and name not in KEPT]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local" / "share"))
    monkeypatch.setenv("KERAS_HOME", str(home / ".keras"))
    work = home / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return home


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real photographs (``pad-ufes-20/``, ``ham10000/``); CI fails where it is not there."""
    if not (REAL_DATA / "pad-ufes-20" / "metadata.csv").is_file():
        message = (
            f"no real photographs in '{REAL_DATA}': set DERM_TEST_DATA to a folder with pad-ufes-20/ and ham10000/"
        )
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return REAL_DATA
