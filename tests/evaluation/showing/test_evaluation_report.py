"""The page of a run: one file with every figure, in which names are text; opened in a real browser."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from made_tables import random_table
from PIL import Image

from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.showing.report import LIMITS, Background, Photograph, write_report
from derm_cli.evaluation.showing.sheets import Sheet, sheets_of
from derm_cli.evaluation.showing.writing import shown

BAD = "<b>NEV</b>"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def renamed(table: Predictions) -> Predictions:
    def other(names: np.ndarray) -> np.ndarray:
        return np.array([BAD if name == "C00" else name for name in names.tolist()])

    return Predictions(
        (BAD, *table.classes[1:]),
        table.case_ids,
        other(table.labels),
        other(table.predictions),
        table.probabilities,
        {"sex": np.array(["male", "female"] * (len(table.case_ids) // 2))},
    )


TEST = renamed(random_table(0, 300, 4))
SEVERITIES = {BAD: "benign", "C01": "malignant", "C02": "indeterminate", "C03": "benign"}


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge(TEST, SEVERITIES, renamed(random_table(1, 200, 4)), draws=40)


BACKGROUND = Background(
    {"backbone": "effnet-b3", "chain": "imagenet, <edra>"},
    [Sheet("data", "What was trained on", ("dataset", "photographs"), (("edra", 1011),))],
    [{"stage": "0", "phase": "0", "loss": "2.0"}, {"stage": "0", "phase": "1", "loss": "1.0"}],
)


@pytest.fixture
def page(judgement: Judgement, tmp_path: Path) -> str:
    write_report(judgement, TEST, tmp_path / "report.html", "Run <x>", BACKGROUND, made=True)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_it_has_every_figure(page: str, judgement: Judgement) -> None:
    for sheet in (*sheets_of(judgement), *BACKGROUND.sheets):
        assert html.escape(sheet.title, quote=False).replace("'", "&#39;") in page
        for row in sheet.rows:
            cells = [re.escape(html.escape(shown(cell), quote=False).replace("'", "&#39;")) for cell in row]
            assert re.search("".join(rf"<td[^>]*>{cell}</td>" for cell in cells), page), (sheet.name, row)
    for words in (*LIMITS, "effnet-b3"):
        assert words in page
    assert page.count("<svg") == 6


def test_names_are_text_and_nothing_is_fetched(page: str) -> None:
    assert "<b>" not in page
    assert "imagenet, &lt;edra&gt;" in page
    assert "Run &lt;x&gt;" in page
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page)
    assert "url(http" not in page
    assert "@import" not in page


def test_synthetic_photographs_are_called_so(page: str, judgement: Judgement, tmp_path: Path) -> None:
    assert "SYNTHETIC" in page
    write_report(judgement, TEST, tmp_path / "real.html", "Run x", Background(), made=False)
    assert "SYNTHETIC" not in (tmp_path / "real.html").read_text(encoding="utf-8")


def test_photographs_are_there_only_where_they_are_given(page: str, judgement: Judgement, tmp_path: Path) -> None:
    assert "<img" not in page
    shown_one = Background(photographs=[Photograph("Most confident mistakes", "case 7: MEL taken for NEV", PIXEL)])
    write_report(judgement, TEST, tmp_path / "shown.html", "Run x", shown_one, made=False)
    with_one = (tmp_path / "shown.html").read_text(encoding="utf-8")
    assert with_one.count("<img") == 1
    assert "case 7: MEL taken for NEV" in with_one


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_a_browser_shows_it_on_a_desk_and_on_a_phone(page: str, tmp_path: Path, width: int, scheme: str) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser, "install Chromium: the report is opened in a real browser"
    # The page tells of itself, once its own script has run and after a click on a heading.
    probe = """<script>addEventListener("load", () => {
      const table = document.querySelector("table.sortable");
      table.querySelectorAll("th button")[2].click();
      const column = [...table.tBodies[0].rows].map(row => Number(row.cells[2].dataset.key));
      document.title = JSON.stringify({
        wide: document.documentElement.scrollWidth > innerWidth,
        sorted: column.every((value, place) => !place || column[place - 1] <= value),
        ground: getComputedStyle(document.body).backgroundColor,
      });
    });</script>"""
    (tmp_path / "probed.html").write_text(page.replace("</body>", probe + "</body>"), encoding="utf-8")
    switches = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={max(width, 500)},1400"]
    switches += ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    address = (tmp_path / "probed.html").as_uri()
    told = subprocess.run(
        [browser, *switches, "--dump-dom", address], check=True, capture_output=True, text=True, timeout=120
    )
    title = html.unescape(re.findall(r"<title>(.*?)</title>", told.stdout)[0])
    assert '"wide":false' in title
    assert '"sorted":true' in title
    assert ('"rgb(20, 23, 26)"' if scheme == "dark" else '"rgb(255, 255, 255)"') in title
    picture = tmp_path / "shot.png"
    subprocess.run(
        [browser, *switches, f"--screenshot={picture}", address], check=True, capture_output=True, timeout=120
    )
    with Image.open(picture) as shot:
        assert len(set(shot.convert("RGB").resize((60, 60)).get_flattened_data())) > 50
