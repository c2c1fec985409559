"""``derm runs compare``, and ``derm train --repeat`` with it."""

from __future__ import annotations

import json
import shutil

import pytest

from derm_cli.runs import layout
from tests.support import run_folders
from tests.support.run_folders import alter, interrupt, rewrite


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return run_folders.make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def pair(place, models):
    return tuple(run_folders.make_run(place.runs, name, models[0]) for name in ("run-1", "run-2"))


def lines_of(result) -> dict[str, tuple[str, str]]:
    """Return the printed table: for each part its outcome and its detail."""
    _, _, *rows = result.stdout.partition("\n\n")[0].splitlines()
    cells = (row.split(maxsplit=2) for row in rows)
    return {part: (outcome, detail) for part, outcome, detail in cells}


def test_equal_runs_have_exit_status_0(place, pair):
    result = place.derm("runs", "compare", "--exact", "run-1", pair[1].path)
    assert {outcome for outcome, _ in lines_of(result).values()} == {"same"}
    assert result.stdout.splitlines()[-1] == "Runs 'run-1' and 'run-2' are the same, bit for bit."
    assert place.json("runs", "compare", "--exact", "run-1", "run-2")["same"] is True


def test_differing_runs_have_exit_status_1_and_say_where_they_differ_first(place, pair):
    alter(pair[1], "environment", keras="3.16")
    rewrite(pair[1], layout.HISTORY, "0.7,", "0.8,")
    result = place.derm("runs", "compare", "--exact", "run-1", "run-2", exit_status=1)
    table = lines_of(result)
    assert table["environment"] == ("different", "keras is '3.15.1' and '3.16'")
    assert table["history"] == (
        "different",
        "stage 1 (clinic), phase 1 (head), epoch 1: loss is '0.7' and '0.8'",
    )
    assert table["weights"] == ("same", "4 variables")
    assert result.stdout.splitlines()[-1] == "They differ first in environment: keras is '3.15.1' and '3.16'."
    assert result.stderr == ""


def test_json_of_differing_runs(place, pair):
    alter(pair[1], "request", seed=1)
    found = json.loads(place.derm("runs", "compare", "--exact", "run-1", "run-2", "--json", exit_status=1).stdout)
    assert found["same"] is False
    assert found["parts"][0] == {"part": "request", "outcome": "different", "detail": "--seed is '0' and '1'"}


def test_unfinished_runs_have_exit_status_0_where_nothing_differs_yet(place, pair):
    interrupt(pair[1], 2)
    result = place.derm("runs", "compare", "--exact", "run-1", "run-2")
    assert lines_of(result)["weights"] == ("missing", "run 'run-2' is interrupted and has none")
    assert result.stdout.splitlines()[-1].startswith("Nothing differs in what both have")


def test_unknown_and_damaged_runs_are_refused(place, pair):
    assert "There is no run 'run-3'" in place.refused("runs", "compare", "--exact", "run-1", "run-3", exit_status=2)
    (pair[0] / layout.PREDICTIONS).write_text("else")
    assert "predictions.csv' was changed since run 'run-1' wrote it" in place.refused(
        "runs", "compare", "--exact", "run-1", "run-2"
    )


def test_the_exit_status_is_documented(place):
    said = " ".join(place.derm("runs", "compare", "--help").stdout.split())
    assert "The exit status is 0 where nothing differs, and 1 where something does." in said


def test_two_trainings_differ_from_where_their_options_do(finished, tmp_path):
    first, run = finished
    place = type(first)(tmp_path / "place")
    shutil.copytree(first.root, place.root)
    options = ["--epochs", "5", "--head-rate", "0.02", "--no-augment", "--baselines"]
    again = place.train("imagenet,pad-ufes-20", *options)["run"]
    assert place.json("runs", "compare", "--exact", run, again)["same"] is True
    other = place.train("imagenet,pad-ufes-20", *options, "--seed", "1")["run"]
    result = place.derm("runs", "compare", "--exact", run, other, exit_status=1)
    outcomes = {part: outcome for part, (outcome, _) in lines_of(result).items()}
    same = {part for part, outcome in outcomes.items() if outcome == "same"}
    assert same == {"data", "environment"}
    assert result.stdout.splitlines()[-1] == "They differ first in request: --seed is '0' and '1'."
