"""``derm study list``."""

from __future__ import annotations


def test_studies_are_listed_with_what_became_of_their_trainings(studied):
    (line,) = studied.json("study")
    assert line == {"study": "made", "title": "", "running": False, "rows": 2, "runs": 2, "finished": 2}
    assert "made" in studied.derm("study", "list").stdout


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
