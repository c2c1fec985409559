"""The page in a real Chromium: on a desk and a phone, light and dark, sorted, printed, and without its script."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.reporting.report import write_report
from tests.support import chromium
from tests.support.chromium import Chromium
from tests.support.pages import REPORT_FACTS, SEVERITIES, awkward_predictions

pytestmark = pytest.mark.xdist_group("chromium")
ROWS = "[...document.querySelector('#classes table').tBodies[0].rows].map(row => row.cells[{0}].{1})"
ELSEWHERE = '<img alt="" src="http://127.0.0.1:9/elsewhere.png">'
ROOT = Path(__file__).parents[4]
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 23, 26)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium.browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page whose class 'C03' was never predicted, so that its PPV is undefined, and that has nothing else missing."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    test = awkward_predictions(0)
    test.predictions[test.predictions == "C03"] = "C02"
    write_report(
        judge(test, SEVERITIES, awkward_predictions(1, 200), draws=40),
        test,
        path,
        "Run x",
        REPORT_FACTS,
        synthetic=True,
    )
    return path


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (1200, True), (390, False), (390, True)])
def test_it_is_shown_whole_in_both_faces_and_asks_for_nothing(
    browser: Chromium, page: Path, width: int, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    assert browser.value("innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") == width
    assert browser.value("getComputedStyle(document.body).backgroundColor") == (DARK if dark else LIGHT)
    curve = browser.value("getComputedStyle(document.querySelector('#p-roc .legend path')).stroke")
    assert curve == ("rgb(106, 165, 255)" if dark else "rgb(0, 68, 136)")
    # A drawing's own words take the ink of the page.
    inks = browser.value(
        "['#p-confusion svg text', '#p-roc svg text', 'body'].map(each => document.querySelector(each))"
        ".map(each => { const style = getComputedStyle(each); return each.closest('svg') ? style.fill : style.color; })"
    )
    assert len(set(inks)) == 1
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]
    with Image.open(io.BytesIO(browser.screenshot())) as shot:
        assert len(set(shot.convert("RGB").resize((60, 60)).get_flattened_data())) > 50


def test_what_would_be_fetched_is_seen_and_stopped(browser: Chromium, page: Path, tmp_path: Path) -> None:
    """That nothing was asked for above proves something: a page that asks is caught, and its policy stops it."""
    text = page.read_text(encoding="utf-8").replace("</main>", ELSEWHERE + "</main>")
    stopped, open_ = tmp_path / "stopped.html", tmp_path / "open.html"
    stopped.write_text(text, encoding="utf-8")
    open_.write_text(re.sub(r"<meta http-equiv.*?>", "", text), encoding="utf-8")
    browser.open(stopped)
    assert any("Content Security Policy" in each for each in browser.complaints())
    assert browser.refusals() == ["csp"]
    browser.open(open_)
    assert "http://127.0.0.1:9/elsewhere.png" in browser.requests()


def test_a_click_on_a_heading_sorts_and_the_undefined_stands_last(browser: Chromium, page: Path) -> None:
    browser.open(page)
    first = browser.value(ROWS.format(0, "textContent"))
    heads = browser.value("[...document.querySelectorAll('#classes thead th button')].map(each => each.textContent)")
    column = heads.index("PPV %")
    values = [float(each) if each else None for each in browser.value(ROWS.format(column, "dataset.key"))]
    defined = sorted(each for each in values if each is not None)
    assert values.count(None) == 1
    state = f"document.querySelectorAll('#classes thead th')[{column}].getAttribute('aria-sort')"
    for expected, order in ((defined, "ascending"), (defined[::-1], "descending")):
        browser.click("#classes thead th button", column)
        assert browser.value(state) == order
        keys = browser.value(ROWS.format(column, "dataset.key"))
        assert [float(each) for each in keys[:-1]] == expected
        assert keys[-1] == ""
        assert browser.value(ROWS.format(column, "textContent"))[-1] == "–"
    browser.click("#classes thead th button", column)
    assert browser.value(state) is None
    assert browser.value(ROWS.format(0, "textContent")) == first
    browser.click("#classes thead th button", 0)
    names = browser.value(ROWS.format(0, "textContent"))
    assert names != first
    assert names == sorted(names, key=lambda name: ({"<": 0, "C": 1}.get(name[0], 2), name))
    assert browser.complaints() == []


def test_numbers_in_words_are_sorted_as_numbers(browser: Chromium, page: Path, tmp_path: Path) -> None:
    cells = ["age 100 and over", "age 9 to 19", "age 20 to 39", "age 1 to 8"]
    rows = "".join(f'<tr><th data-key="{each}">{each}</th></tr>' for each in cells)
    body = f'<table class="sortable"><thead><tr><th>age</th></tr></thead><tbody>{rows}</tbody></table>'
    script = re.findall(r"<script>.*?</script>", page.read_text(encoding="utf-8"), flags=re.DOTALL)[-1]
    (tmp_path / "ages.html").write_text(f"<!doctype html><meta charset=utf-8>{body}{script}", encoding="utf-8")
    browser.open(tmp_path / "ages.html")
    browser.click("th button")
    sorted_cells = browser.value("[...document.querySelectorAll('tbody th')].map(each => each.textContent)")
    assert sorted_cells == ["age 1 to 8", "age 9 to 19", "age 20 to 39", "age 100 and over"]


def test_the_keyboard_reaches_and_sorts_and_sees_where_it_is(browser: Chromium, page: Path) -> None:
    browser.open(page)
    browser.press("Tab")
    assert browser.value("document.activeElement.className") == "skip"
    assert browser.value("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(40):
        browser.press("Tab")
        if browser.value("document.activeElement.tagName") == "BUTTON":
            break
    assert browser.value("document.activeElement.textContent") == "class"
    assert browser.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter")
    assert browser.value("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"


def test_a_screen_reader_is_told_of_tables_pictures_and_every_cell(browser: Chromium, page: Path) -> None:
    browser.open(page)
    browser.value("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    elements = [(each["role"]["value"], each.get("name", {}).get("value", "")) for each in nodes if not each["ignored"]]
    roles = [role for role, _ in elements]
    assert {"banner", "navigation", "main", "contentinfo"} <= set(roles)
    assert ("image", "ROC curve of each class") in elements
    assert ("table", "True classes by row, predicted classes by column") in elements
    cells = [name for role, name in elements if role in {"cell", "gridcell"}]
    assert sum(bool(re.match(r"\d+ of \d+ of .* predicted as ", each)) for each in cells) == 16
    for title in browser.value("[...document.querySelectorAll('caption')].map(each => each.textContent)"):
        assert ("table", title) in elements


def test_subgroups_whose_gap_may_be_chance_are_folded(browser: Chromium, page: Path) -> None:
    browser.open(page)
    height = "document.querySelector('#subgroups details table').getBoundingClientRect().height"
    shown = "document.querySelector('#subgroups details table').checkVisibility({contentVisibilityAuto: true})"
    assert browser.value("document.querySelector('#subgroups summary').textContent") == (
        "2 other subgroups: 2 whose gap may be chance."
    )
    assert browser.value("document.querySelector('#subgroups .blocks > div').innerText").endswith(
        "None: see below for all."
    )
    assert not browser.value("document.querySelector('#subgroups details').open")
    assert not browser.value(shown)
    browser.click("#subgroups summary")
    assert browser.value("document.querySelector('#subgroups details').open")
    assert browser.value(shown)
    assert browser.value(height) > 50
    assert browser.value("document.documentElement.scrollWidth") == 1200


def test_a_wide_table_is_scrolled_by_itself_and_keeps_the_names_of_its_rows(browser: Chromium, page: Path) -> None:
    browser.open(page, width=390)
    offsets = browser.value(
        "(() => { const box = document.querySelector('#classes .scroll'), name = box.querySelector('tbody th'); "
        "box.scrollLeft = 200; return [box.scrollLeft, box.getBoundingClientRect().left - "
        "name.getBoundingClientRect().left, document.elementFromPoint(name.getBoundingClientRect().left + 8, "
        "name.getBoundingClientRect().top + 8) !== null]; })()"
    )
    assert offsets[:2] == [200, 0]
    assert browser.value("document.documentElement.scrollWidth") == 390


def test_a_table_that_is_wider_than_the_page_says_so_until_its_end_is_seen(browser: Chromium, page: Path) -> None:
    hint = "getComputedStyle(document.querySelector('#classes caption h3'), '::after').content"
    browser.open(page, width=390)
    assert "more to the right" in browser.value(hint)
    assert browser.value("document.querySelectorAll('.scroll[data-more]').length") > 3
    browser.value("(() => { const box = document.querySelector('#classes .scroll'); box.scrollLeft = 9999; })()")
    browser.value("new Promise(done => setTimeout(done, 200))")
    assert browser.value(hint) == "none"
    browser.open(page, width=1200)
    told = "[...document.querySelectorAll('.scroll[data-more]')].map(box => box.scrollWidth - box.clientWidth)"
    assert all(hidden > 2 for hidden in browser.value(told))


def test_what_the_names_of_classes_stand_for_is_beside_them(browser: Chromium, page: Path) -> None:
    browser.open(page)
    beside = browser.value("[...document.querySelectorAll('#classes tbody th .title')].map(each => each.textContent)")
    assert beside == ["melanoma & <b>"]
    assert "C02 melanoma & <b>" in browser.value("document.querySelector('#confusion-matrix table').textContent")


def test_the_case_flow_is_a_list_that_fits_a_phone(browser: Chromium, page: Path) -> None:
    browser.open(page, width=390)
    inside = browser.value(
        "[...document.querySelectorAll('.flow li')].map(each => each.getBoundingClientRect())"
        ".map(each => [each.left, each.right, each.height])"
    )
    assert len(inside) > 8
    assert all(left >= 0 and right <= 390 and height > 0 for left, right, height in inside)
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    named = [(each["role"]["value"], each.get("name", {}).get("value", "")) for each in nodes if not each["ignored"]]
    assert ("group", "Case flow of <edra>") in named
    # The arrows are for the eye alone.
    assert not [name for _, name in named if name in {"↓", "→"}]


def test_without_its_script_all_stands_there(browser: Chromium, page: Path) -> None:
    browser.open(page, scripts=False)
    assert browser.value("document.querySelectorAll('th button').length") == 0
    hidden = "[...document.querySelectorAll('th, td, p, li, dt, dd, figcaption, h1, h2, h3')]"
    hidden += ".filter(each => !each.getClientRects().length && each.textContent).length"
    assert browser.value(hidden) == 0
    assert "sensitivity %" in browser.value("document.querySelector('#classes thead').innerText")


def test_it_is_printed_whole_and_light(browser: Chromium, page: Path) -> None:
    # 210 mm less the margins of the page, at 96 pixels an inch.
    paper = int((210 - 2 * 13) / 25.4 * 96)
    browser.open(page, width=paper, dark=True, media="print")
    assert browser.value("document.documentElement.scrollWidth") <= paper
    inside = "[...document.querySelectorAll('table, svg')].map(each => each.getBoundingClientRect().right)"
    assert max(browser.value(inside)) <= paper + 1
    assert browser.value("getComputedStyle(document.body).backgroundColor") == LIGHT
    # Chromium prints no button where it repeats the head of a table: the words stand there without.
    heads = browser.value("[...document.querySelectorAll('#classes thead th')].map(each => each.innerText.trim())")
    assert heads[:3] == ["class", "cases", "sensitivity %"]
    assert browser.value("getComputedStyle(document.querySelector('th button')).display") == "none"
    browser.open(page, dark=True)
    printed = browser.pdf(width="8.27in", height="11.69in")
    assert printed.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 15


def test_without_a_browser_it_fails_and_says_so(tmp_path: Path) -> None:
    program = "from pathlib import Path; from tests.support import chromium; chromium.browser(Path()).__enter__()"
    bare = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=bare, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "'make setup-browser' installs one" in done.stderr
