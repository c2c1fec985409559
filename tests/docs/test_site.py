"""The pages as a site: built without a warning, whole without the internet, and no wider than a phone."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.chromium import browser

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md"))
WIDTHS = (390, 1200)
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src"}
"""Elements whose addresses a browser asks for by itself."""
KEPT_HERE = re.compile(r"(stylesheet|icon|preload|prefetch)")


class Loads(HTMLParser):
    """The addresses that a page asks for when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        if tag == "link" and not KEPT_HERE.search(about.get("rel") or ""):
            return
        if tag in LOADED and about.get(LOADED[tag]):
            self.addresses.append(str(about[LOADED[tag]]))


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The folder of the site, as 'make docs' builds it; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", DOCS, folder / "html"]
    done = subprocess.run([*command, "-d", folder / "doctrees"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def test_every_page_is_there_and_asks_nobody_else_for_anything(site):
    assert len(PAGES) > 30
    for page in PAGES:
        loads = Loads()
        loads.feed((site / page).with_suffix(".html").read_text(encoding="utf-8"))
        assert [each for each in loads.addresses if each.startswith(("http:", "https:", "//"))] == [], page


def test_no_page_is_wider_than_a_phone_or_a_desk(site, tmp_path):
    """Wide tables and blocks move by themselves; the page does not."""
    wide = []
    with browser(tmp_path) as opened:
        for page in PAGES:
            opened.open((site / page).with_suffix(".html"))
            for width in WIDTHS:
                opened.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=844,
                    deviceScaleFactor=1,
                    mobile=width < 600,
                )
                if opened.value("document.documentElement.scrollWidth") > width:
                    wide.append((str(page), width))
            assert opened.complaints() == [], page
    assert wide == []
