"""An evaluation ends with where its report is, and opens it where that is asked for."""

from __future__ import annotations

import pytest

from derm_cli.cli.shared import endings

TABLE = "case_id,label,prediction\n" + "".join(f"{n},{'ab'[n % 2]},{'aab'[n % 3]}\n" for n in range(30))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "predictions.csv"
    path.write_text(TABLE)
    return path


def test_the_report_of_a_table_is_named_and_opened(place, table, tmp_path, monkeypatch):
    pages = []
    monkeypatch.setattr(endings.click, "launch", lambda page: pages.append(page) or 0)
    page = tmp_path / "page.html"
    asked = ("evaluate", "--predictions", table, "--report", page, "--draws", "0")
    assert place.derm(*asked).stdout.endswith(f"\nReport: {page}\n")
    assert pages == []
    place.derm(*asked, "--open")
    assert pages == [str(page)]


def test_there_must_be_a_report_to_open(place, table):
    said = place.refused("evaluate", "--predictions", table, "--open", exit_status=2)
    assert "--open has no report to show: give --report FILE.html too." in said
