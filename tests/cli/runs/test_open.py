"""``derm runs open``."""

from __future__ import annotations

import pytest

from derm_cli.cli.shared import endings


@pytest.mark.parametrize("named", [True, False])
def test_the_report_of_a_run_is_opened(finished, monkeypatch, named):
    place, run = finished
    pages = []
    monkeypatch.setattr(endings.click, "launch", lambda page: pages.append(page) or 0)
    result = place.derm("runs", "open", *([run] if named else []))
    assert pages == [str(place.runs / run / "report.html")]
    assert result.stdout == f"Report: {pages[0]}\n"


def test_a_run_without_a_report_says_so(two):
    place, first, _ = two
    (place.runs / first / "report.html").unlink()
    said = place.refused("runs", "open", first)
    assert f"Run '{first}' is finished and has no report: write one with 'derm" in said
    assert f"evaluate {first} --report page.html'" in said
