"""What a call hands to its process: plain values, and what surrounds it, by the run that it is given where one is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derm_cli.library import calls
from derm_cli.library.call_options import Surroundings
from derm_cli.library.run import Run
from derm_cli.library.tasks import Task
from derm_cli.library.telling import Listener

MADE = Run(Path("/runs/20260101-000000-abcd"), Surroundings({"data": "/photographs"}, {"cache_limit": "0"}))


@pytest.fixture
def handed(monkeypatch) -> list[Task]:
    """The tasks that were handed to a process."""
    tasks: list[Task] = []

    def take(task: Task, listener: Listener) -> None:
        tasks.append(task)

    monkeypatch.setattr(calls, "carry_out", take)
    return tasks


def test_a_run_brings_the_folders_and_settings_by_which_it_was_made(handed):
    _, surroundings = calls.call("evaluate", (MADE,), {"draws": 3})
    assert handed == [Task("evaluate", (str(MADE.path),), {"draws": 3}, MADE.surroundings)]
    assert surroundings == MADE.surroundings


@pytest.mark.parametrize(
    ("options", "surroundings"),
    [
        ({"runs_folder": "/runs"}, Surroundings({"data": "/photographs", "runs": "/runs"}, {"cache_limit": "0"})),
        ({"data_folder": Path("/others")}, Surroundings({"data": "/others"}, {"cache_limit": "0"})),
        ({"settings": {}}, Surroundings({"data": "/photographs"}, {})),
        ({"settings": "/other.toml"}, Surroundings({"data": "/photographs"}, "/other.toml")),
        ({"data_folder": None, "settings": None, "progress": None}, MADE.surroundings),
    ],
)
def test_what_the_call_gives_wins_over_the_run_s(handed, options, surroundings):
    calls.call("evaluate", (MADE,), options)
    assert handed == [Task("evaluate", (str(MADE.path),), {}, surroundings)]


def test_a_folder_is_the_same_wherever_the_caller_goes(handed, monkeypatch, tmp_path):
    calls.call("train", (), {"runs_folder": "runs", "cache_folder": "~/cache"})
    assert handed[0].surroundings.folders == {"runs": str(Path.cwd() / "runs"), "cache": str(Path.home() / "cache")}


VALUES: list[tuple[str, Any, Any]] = [
    ("epochs", 3, 3),
    ("head_rate", 0.5, 0.5),
    ("baselines", False, False),
    ("target", "pad-ufes-20", "pad-ufes-20"),
    # A path is no name, though it looks like one.
    ("target", Path("photographs"), "./photographs"),
    ("target", Path("/my/photographs"), "/my/photographs"),
    ("chain", ("imagenet", Path("mine")), ["imagenet", "./mine"]),
    ("chain", [MADE, "pad-ufes-20"], ["run:/runs/20260101-000000-abcd", "pad-ufes-20"]),
    ("teacher", MADE, "/runs/20260101-000000-abcd"),
    ("report", Path("page.html"), "page.html"),
    ("mask", (Path(each) for each in "ab"), ["a", "b"]),
    ("phase", {"loss": "focal"}, {"loss": "focal"}),
    ("size", None, None),
]


@pytest.mark.parametrize(("name", "given", "handed_on"), VALUES)
def test_values_become_plain(handed, name, given, handed_on):
    calls.call("train", (), {name: given})
    assert handed[0].options == {name: handed_on}


def test_numbers_of_numpy_are_numbers(handed):
    import numpy as np

    calls.call("train", (), {"epochs": np.int64(3), "head_rate": np.float32(0.5)})
    assert [(type(each), each) for each in handed[0].options.values()] == [(int, 3), (float, 0.5)]
