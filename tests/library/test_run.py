"""A run, as Python callers have it, and how it is found."""

from __future__ import annotations

import json

import pytest

import derm_cli as derm


def test_a_run_is_found_by_its_name_its_beginning_or_its_folder(finished):
    place, run = finished
    for name in (run, run[:15], place.runs / run, "latest", None):
        found = derm.find_run(name, runs_folder=place.runs)
        assert (found.id, found.path, found.status) == (run, place.runs / run, "finished")
    assert found.plan.target == "pad-ufes-20"
    assert found.evaluation == json.loads((place.runs / run / "evaluation.json").read_text())


@pytest.mark.parametrize("kind", ["file", "mapping"])
def test_settings_tell_where_runs_are(finished, tmp_path, kind):
    place, run = finished
    (tmp_path / "other.toml").write_text(f"runs = '{place.runs}'\n")
    settings = tmp_path / "other.toml" if kind == "file" else {"runs": str(place.runs)}
    assert derm.find_run(settings=settings).id == run


def test_a_run_that_is_not_there_is_told_with_the_nearest(finished):
    place, run = finished
    with pytest.raises(derm.RequestError, match=f"There is no run '{run[:-1]}x' in .* Did you mean '{run}'"):
        derm.find_run(f"{run[:-1]}x", runs_folder=place.runs)
