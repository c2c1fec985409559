"""The pictures of terminals: what a screen shows after what programs wrote to it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_pictures", DOCS / "draw_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\r\ntwo\r\n", "one\ntwo"),
        ("10%|#  |\r20%|## |", "20%|## |"),
        ("a long line\rshort\x1b[K", "short"),
        ("first\r\nsecond\x1b[A\rFIRST", "FIRST\nsecond"),
        ("\x1b[32mfine\x1b[0m <b>", "<green>fine</green> &lt;b&gt;"),
    ],
)
def test_a_screen_shows_what_a_terminal_would(drawing, written, shown):
    screen = drawing.Screen()
    screen.write(written)
    page = re.sub(r'((?:<span class="c32">.</span>)+)', lambda found: f"<green>{found[1]}</green>", screen.page())
    assert re.sub(r"</?span[^>]*>", "", page) == shown


@pytest.mark.parametrize("columns", [80, 100])
def test_a_command_is_broken_where_the_terminal_ends(drawing, columns):
    lines = drawing._broken(drawing.TRAIN, columns).splitlines()
    assert max(map(len, lines)) <= columns - 2
    assert all(line.endswith("\\") for line in lines[:-1])
    assert " ".join("".join(line.rstrip("\\").strip() + " " for line in lines).split()) == drawing.TRAIN


def test_every_picture_on_a_page_is_there_and_told_in_words():
    named = set()
    for page in DOCS.rglob("*.md"):
        for words, file in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert len(words) > 20, f"{page.name}: {file}"
            named.add((page.parent / file).resolve())
    kept = set((DOCS / "pictures").iterdir())
    assert named == kept
