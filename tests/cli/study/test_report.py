"""``derm study report``."""

from __future__ import annotations


def test_tables_decisions_and_the_page_are_told(studied):
    text = studied.derm("study", "report", "made").stdout
    assert "Study made" in text
    assert "published %" in text
    assert "Paired differences, points more than first" in text
    assert "data do not decide" in text or "better than 'first'" in text
    page = studied.runs / "studies" / "made" / "report" / "report.html"
    assert str(page) in text
    assert page.is_file()


def test_as_json_and_as_files_beside_the_page(studied):
    values = studied.json("study", "report", "made")
    assert list(values["rows"]) == ["first", "second"]
    assert values["differences"]["second"]["cases"] == 20
    folder = studied.runs / "studies" / "made" / "report"
    assert values["path"] == str(folder / "report.html")
    for name in ("tables.csv", "tables.tex", "tables.md"):
        assert "second" in (folder / name).read_text()
