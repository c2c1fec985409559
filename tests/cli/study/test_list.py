"""``derm study list``."""

from __future__ import annotations

from derm_cli.studies.storage.folder import Studies
from derm_cli.studies.storage.record import RunState


def test_studies_are_listed_with_what_became_of_their_trainings(studied):
    (line,) = studied.json("study")
    assert line == {"study": "made", "title": "", "running": False, "rows": 2, "runs": 2, "finished": 2}
    assert "made" in studied.derm("study", "list").stdout


def test_whether_a_study_runs_and_how_many_of_its_trainings_do_are_two_things(studied):
    folder = Studies(studied.runs).find("made")
    folder.write_states({"0001": RunState("running"), "0002": RunState("running")})
    with folder.held():
        (line,) = studied.json("study", "list")
    assert (line["running"], line["running_trainings"]) == (True, 2)
    (line,) = studied.json("study", "list")
    assert (line["running"], line["interrupted"], "running_trainings" in line) == (False, 2, False)


def test_what_a_removal_left_that_was_cut_short_is_removed(studied):
    left = studied.runs / "studies" / ".removed-0123456789abcdef"
    left.mkdir()
    (left / "study.json").write_text("{")
    assert [line["study"] for line in studied.json("study", "list")] == ["made"]
    assert not left.exists()


def test_a_damaged_study_hides_no_other(studied):
    folder = studied.runs / "studies" / "broken"
    folder.mkdir()
    (folder / "study.json").write_text("{")
    lines = studied.json("study", "list")
    assert [line["study"] for line in lines] == ["broken", "made"]
    assert "cannot be read" in lines[0]["fault"]


def test_no_studies_say_so(place):
    assert "There are no studies" in place.derm("study").stdout
    assert place.json("study", "list") == []
