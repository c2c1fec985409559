"""Commands end with where the report is, how to see it, and what comes next."""

from __future__ import annotations

import pytest

from derm_cli.cli.shared import endings
from derm_cli.cli.shared.endings import open_page, print_ending
from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder


@pytest.fixture
def launched(monkeypatch):
    pages = []
    monkeypatch.setattr(endings.click, "launch", lambda page: pages.append(page) or 0)
    return pages


@pytest.mark.parametrize("opens", [True, False])
def test_the_report_is_named_and_opened_where_that_is_asked_for(tmp_path, capsys, launched, opens):
    (tmp_path / "report.html").write_text("")
    print_ending(RunFolder(tmp_path), "export RUN --tflite", opens=opens)
    said = capsys.readouterr().out
    assert f"Report: {tmp_path / 'report.html'}" in said
    assert ("derm runs open" in said) is not opens
    assert said.endswith("Next: derm export RUN --tflite\n")
    assert launched == ([str(tmp_path / "report.html")] if opens else [])


def test_without_a_report_there_is_none_to_name(tmp_path, capsys, launched):
    print_ending(RunFolder(tmp_path), "evaluate", opens=True)
    assert capsys.readouterr().out == "Next: derm evaluate\n"
    assert launched == []


def test_where_there_is_no_browser_the_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(endings.click, "launch", lambda _: 1)
    with pytest.raises(DermError, match=r"No browser was found here for '.*page.html': open that file in one"):
        open_page(tmp_path / "page.html")
