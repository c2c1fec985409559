"""Draws the pictures of these pages anew: ``python docs/draw_pictures.py RUN``, or ``make pictures RUN=runs/ID``.

``RUN`` is the folder of the run whose report is explained on the page of evaluation, which has its command.  Terminals
and whole reports are of a training on synthetic photographs, which takes a minute here.  Everything is written into
``docs/pictures``: look at each before it is committed, and at the figures that the pages tell of it.  ``phase.svg`` was
drawn by hand, and ``preview.png`` shows a bundle of its own.
"""

from __future__ import annotations

import html
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from tests.support.chromium import Chromium, browser  # noqa: E402
from tests.support.terminal import on_a_terminal  # noqa: E402

PICTURES = REPOSITORY / "docs" / "pictures"
DERM = Path(sys.executable).with_name("derm")
TRAIN = "derm train --backbone effnet-lite0 --chain imagenet,synthetic-clinic,synthetic-phone --size 64 --epochs 3"
TRAIN += " --recipe paper --schedule upper"
DESK, PHONE = 1200, 390
"""Widths of pages, in pixels."""
PARTS = {
    "evaluation-curves.png": "#curves",
    "evaluation-referral.png": "#triage table:has(caption:has-text('Referral now'))",
    "evaluation-reliability.png": "#calibration",
    "evaluation-slices.png": "#subgroups",
}
"""Parts of the report, by the picture of each."""
HIGHEST = 1100
"""Pixels after which a picture of a page ends."""
STYLE = """
body { margin: 0; background: #0d1117 }
pre { margin: 0; padding: 14px; display: inline-block; color: #e6edf3; font: 13px/1.35 'DejaVu Sans Mono', monospace }
.c1 { font-weight: bold } .c31 { color: #ff7b72 } .c32 { color: #7ee787 } .c33 { color: #e3b341 } .c2 { opacity: .7 }
"""
_CONTROL = re.compile(r"\x1b\[([\d;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]")


class Screen:
    """What a terminal shows after the texts that were written to it: lines of characters, each with its colours."""

    def __init__(self) -> None:
        self.lines: list[list[tuple[str, str]]] = [[]]
        self._row, self._column, self._colours = 0, 0, ""

    def write(self, text: str) -> None:
        """Take a text with returns, colours and movements of the cursor, as progress bars write them."""
        for found in _CONTROL.finditer(text):
            written = found[0]
            if found[2]:
                self._command(found[1], found[2])
            elif written == "\r":
                self._column = 0
            elif written == "\n":
                self._move(1)
                self._column = 0
            else:
                line = self.lines[self._row]
                line.extend([(" ", "")] * (self._column + 1 - len(line)))
                line[self._column] = (written, self._colours)
                self._column += 1

    def _command(self, numbers: str, letter: str) -> None:
        if letter == "m":
            self._colours = " ".join(f"c{number}" for number in numbers.split(";") if number not in {"", "0"})
        elif letter == "K":
            del self.lines[self._row][self._column :]
        elif letter in "AB":
            self._move(int(numbers or 1) * (1 if letter == "B" else -1))

    def _move(self, rows: int) -> None:
        self._row = max(self._row + rows, 0)
        while len(self.lines) <= self._row:
            self.lines.append([])

    def page(self) -> str:
        """Return the lines as HTML."""
        shown = ["".join(_span(*each) for each in line) for line in self.lines]
        return "\n".join(shown).rstrip()


def _span(character: str, colours: str) -> str:
    text = html.escape(character)
    return f'<span class="{colours}">{text}</span>' if colours else text


def session(command: str, folder: Path, columns: int, *, until: str = "", last: int = 0) -> str:
    """Run a command on a terminal so wide; return what it shows as HTML, with the command above.

    With ``until`` it is what the terminal shows when that stands there for the last time; with ``last`` so many lines.
    """
    words: list[str | Path] = [DERM, *shlex.split(command)[1:]]
    where = {"DERM_RUNS": "runs", "DERM_CACHE": str(folder / "cache"), "COLUMNS": str(columns)}
    here = Path.cwd()
    os.chdir(folder)
    try:
        shown = on_a_terminal(words, where, columns=columns, output=True)
    finally:
        os.chdir(here)
    if until:
        shown = shown[: re.search(until, shown).end()]  # type: ignore[union-attr]
    screen = Screen()
    screen.write(shown)
    screen.lines = screen.lines[-last:] if last else screen.lines
    return f"$ {html.escape(_broken(command, columns))}\n{screen.page()}"


def _broken(command: str, columns: int) -> str:
    """Return a command in lines that fit, as one would type it."""
    lines, room = [""], columns - 6
    for word in command.split():
        if len(lines[-1]) + len(word) > room:
            lines[-1] += "\\"
            lines.append("    ")
        lines[-1] += f"{word} "
    return "\n".join(line.rstrip() if not line.endswith("\\") else line for line in lines)


def draw_terminal(opened: Chromium, name: str, sessions: Sequence[str]) -> None:
    """Draw what a terminal shows."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        text = "\n\n".join(sessions)
        page.write_text(f"<meta charset=utf-8><style>{STYLE}</style><pre>{text}</pre>", encoding="utf-8")
        opened.open(page, width=DESK)
        keep(name, opened.screenshot("pre"))


def draw_terminals(opened: Chromium, folder: Path) -> Path:
    """Draw the terminals of 80 and of 100 columns; return the folder of the run that they show."""
    training = session(TRAIN, folder, 80, until=r"synthetic-phone, upper, epoch 3/3: +[5-6]\d%[^\r]*")
    draw_terminal(opened, "terminal-80.png", [training, session("derm runs list", folder, 80)])
    listing, judged = session("derm runs list", folder, 100), session("derm evaluate", folder, 100)
    judged = judged.partition("\n\noverall")[0]
    draw_terminal(opened, "terminal-100.png", [listing, judged])
    return next((folder / "runs").glob("2*"))


def draw_pages(opened: Chromium, synthetic: Path) -> None:
    """Draw the report of a run on a desk and on a phone, as it opens."""
    for width, name in ((DESK, "report-desk.png"), (PHONE, "report-phone.png")):
        opened.open(synthetic / "report.html", width=width)
        if width == PHONE:
            opened.value("document.querySelector('table').closest('section').scrollIntoView()")
        keep(name, opened.screenshot())


def draw_report(opened: Chromium, run: Path) -> None:
    """Draw the parts of a report that the page of evaluation explains."""
    report = run / "report.html"
    opened.open(report, width=DESK)
    keep("evaluation-page.png", opened.screenshot())
    opened.value("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for name, selector in PARTS.items():
        keep(name, opened.screenshot(selector))
    opened.open(report, width=PHONE, dark=True)
    keep("evaluation-phone.png", opened.screenshot("#confusion-matrix"))


def keep(name: str, picture: bytes) -> None:
    """Write the upper part of a picture, in a few colours."""
    whole = Image.open(io.BytesIO(picture))
    upper = whole.convert("RGB").crop((0, 0, whole.width, min(whole.height, HIGHEST)))
    upper.quantize(128).save(PICTURES / name, optimize=True)


def main(arguments: Sequence[str]) -> int:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        with browser(folder / "browser") as opened:
            draw_pages(opened, draw_terminals(opened, folder))
            for argument in arguments:
                draw_report(opened, Path(argument))
            draw_sheet(folder)
    return 0


def draw_sheet(folder: Path) -> None:
    """Draw the contact sheet of augmented photographs."""
    command = "derm data show synthetic-phone --augmented --size 128 --per-class 1 --variants 3 --class MEL --class NEV"
    session(command, folder, 100)
    shutil.move(folder / "synthetic-phone.png", PICTURES / "data-show.png")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
