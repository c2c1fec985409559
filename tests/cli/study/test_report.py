"""``derm study report``."""

from __future__ import annotations

import json


def test_tables_decisions_and_the_page_are_told(studied):
    text = studied.derm("study", "report", "made").stdout
    assert "Study made" in text
    assert "published %" in text
    assert "Paired differences, points more than first" in text
    assert "data do not decide" in text or "better than 'first'" in text
    page = studied.runs / "studies" / "made" / "report" / "report.html"
    assert str(page) in text
    assert page.is_file()


def test_as_json_and_in_files_of_one_s_own(studied):
    files = {kind: studied.root / f"tables.{kind}" for kind in ("csv", "tex", "md")}
    words = ("--csv", files["csv"], "--latex", files["tex"], "--markdown", files["md"])
    values = studied.json("study", "report", "made", *words)
    assert list(values["rows"]) == ["first", "second"]
    assert values["differences"]["second"]["cases"] == 20
    assert all(path.stat().st_size for path in files.values())
    assert "second" in files["md"].read_text()
    assert json.dumps(values)


def test_a_file_that_is_there_is_not_written_over(studied):
    path = studied.root / "mine.md"
    path.write_text("mine")
    assert "--force" in studied.refused("study", "report", "made", "--markdown", path, exit_status=2)
    assert path.read_text() == "mine"
