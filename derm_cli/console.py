"""How derm speaks: tables, JSON, warnings and progress.  Knows no command line library."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from derm_cli import listening
from derm_cli.errors import one_line, printable
from derm_cli.fitting import GAP, broken, fitting_columns
from derm_cli.invocation import pasteable
from derm_cli.quiet import error_stream

T = TypeVar("T")
_COMMANDS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON may have as it is, but a terminal takes for commands, turns text around by, or cannot print."""


def say(text: str) -> None:
    """Print a line of a plugin's command, at once; what a terminal would take for a command of its own is escaped."""
    print(printable(pasteable(text)), flush=True)


def clock(seconds: float) -> str:
    """Return ``seconds`` as a clock shows them: ``0:05``, ``12:00``, ``1:02:03``."""
    whole = round(seconds)
    minutes = f"{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return ":".join([*([f"{whole // 3600}"] if whole >= 3600 else []), minutes, f"{whole % 60:02d}"])


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    least: Sequence[int] = (),
    *,
    width: int | None = None,
    whole: Collection[str] = (),
    spare: Sequence[str] = (),
) -> str:
    """Lay ``rows`` out under ``headers``: numbers to the right, the rest to the left, nothing drawn around them.

    ``least`` are the least widths of the columns, for a table that is printed row by row.  Floats are shown as they
    come: round them before.  With ``width`` it fits so many characters: cells are broken over several lines but for
    those of the columns ``whole``, and where that is not enough, the columns ``spare`` are left out, the first of them
    first.  Own code, because ``derm plugins list`` must not pay for a table library's import
    (docs/explanation/architecture.md).
    """
    cells = [["" if cell is None else one_line(str(cell)) for cell in row] for row in rows]
    headers = [one_line(header) for header in headers]
    columns = range(len(headers))
    right = [
        bool(rows) and all(isinstance(row[i], int | float) and not isinstance(row[i], bool) for row in rows)
        for i in columns
    ]
    natural = [max([len(headers[i]), *least[i : i + 1], *(len(row[i]) for row in cells)]) for i in columns]
    widths = dict(enumerate(natural))
    if width is not None and sum(natural) + GAP * (len(natural) - 1) > width:
        kept = {i for i in columns if right[i] or headers[i] in whole}
        gone = [headers.index(each) for each in spare]
        widths = fitting_columns([[headers[i], *(row[i] for row in cells)] for i in columns], width, kept, gone)

    def lines(row: Sequence[str]) -> list[str]:
        pieces = {i: broken(row[i], widths[i]) for i in widths}
        return [
            "  ".join(
                cell.rjust(widths[i]) if right[i] else cell.ljust(widths[i])
                for i in widths
                for cell in pieces[i][line : line + 1] or [""]
            ).rstrip()
            for line in range(max(map(len, pieces.values())))
        ]

    rule = "  ".join("-" * widths[i] for i in widths)
    return "\n".join([*lines(headers), rule, *(line for row in cells for line in lines(row))])


def as_json(value: Any, indent: int | None = 2) -> str:
    """Return ``value`` as JSON for other programs: NaN and infinities become null, as the standard demands.

    Without ``indent`` it is one line.  What standard output has no character for is escaped as JSON has it, so that
    nothing else replaces it.
    """
    text = json.dumps(_finite(value), indent=indent, ensure_ascii=False)
    text = _COMMANDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(_finite(value), indent=indent)
    return text


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _is_terminal() -> bool:
    stream = error_stream()
    return stream is not None and bool(stream.isatty())


def terminal_width(default: int = 100) -> int:
    """Return the columns of the terminal on standard error or output, ``COLUMNS`` where set, else ``default``."""
    for stream in (error_stream(), sys.stdout):
        with suppress(OSError, ValueError, AttributeError):
            return int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(stream.fileno()).columns or default
    return default


COLOURS = {"Error:": "\x1b[1;31m", "Warning:": "\x1b[1;33m"}
"""Words at the beginning of a line that stand out on a terminal: bold, and red or yellow."""


def has_colours(stream: Any) -> bool:
    """Tell whether a stream is a terminal whose user has not asked for no colours (https://no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and stream is not None and bool(stream.isatty())


def with_colour(word: str, stream: Any) -> str:
    """Return one of the words that stand out as ``stream`` shows it; any other, and on no terminal, as it is."""
    return f"{COLOURS[word]}{word}\x1b[0m" if word in COLOURS and has_colours(stream) else word


class StandardErrorHandler(logging.Handler):
    """Prints each record as a line of standard error, above the progress bars that are there; or not, if none is."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        word = with_colour(f"{record.levelname.capitalize()}:", error_stream())
        line = f"{word} {printable(pasteable(record.getMessage()))}"
        # Only who has imported the library can have a bar on the terminal.
        library = sys.modules.get("tqdm")
        with suppress(OSError, ValueError):
            if library is not None and _is_terminal():
                library.tqdm.write(line, file=error_stream())
            elif (stream := error_stream()) is not None:
                print(line, file=stream)


LOGGER = logging.getLogger("derm")
"""What derm warns by.

It has a handler of its own, so that warnings are on standard error in the command line and for whoever calls derm from
Python without a thought of logging; and it hands nothing on to the root logger, where libraries that derm uses put
handlers of theirs.  Who logs otherwise gives it other handlers, or sets ``propagate``.
"""
if not LOGGER.handlers:
    LOGGER.addHandler(StandardErrorHandler())
    LOGGER.setLevel(logging.WARNING)
    LOGGER.propagate = False


def warn(message: str) -> None:
    """Warn by the logger ``derm``: on standard error, so that ``--json`` on standard output stays clean.

    While a run is trained, it is written into the run's ``log`` too.  It is one line, and what is not to be printed is
    escaped: names of files may hold anything.
    """
    LOGGER.warning(one_line(message))


_ON_THE_TERMINAL: list[Any] = []
"""The progress bars that are there, the one that was opened last at the end."""


@contextmanager
def warnings_once() -> Iterator[None]:
    """Let each warning through once in a ``with`` block, however often it is told."""
    told: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        new = message not in told
        told.add(message)
        return new

    LOGGER.addFilter(is_new)
    try:
        yield
    finally:
        LOGGER.removeFilter(is_new)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Let no warning through in a ``with`` block: what is computed there was warned of before."""

    def never(_: logging.LogRecord) -> bool:
        return False

    LOGGER.addFilter(never)
    try:
        yield
    finally:
        LOGGER.removeFilter(never)


@contextmanager
def warnings_told_to(listener: Callable[[str], object]) -> Iterator[None]:
    """Have ``listener`` told of warnings in a ``with`` block, in the place of standard error."""

    class Telling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            listener(printable(pasteable(record.getMessage())))

    replaced = [each for each in LOGGER.handlers if isinstance(each, StandardErrorHandler)]
    telling = Telling()
    for each in replaced:
        LOGGER.removeHandler(each)
    LOGGER.addHandler(telling)
    try:
        yield
    finally:
        LOGGER.removeHandler(telling)
        for each in replaced:
            LOGGER.addHandler(each)


@contextmanager
def progress_bar(
    total: int | None,
    label: str,
    in_bytes: bool = False,
    delay: float = 0,
    note: Callable[[], str] | None = None,
) -> Iterator[Callable[[int], object]]:
    """Show a bar with the time left on standard error, and give what moves it on by so many steps, or bytes.

    It appears after ``delay`` seconds.  With ``note``, what that returns stands in place of the bar's own time left.
    Silent when standard error is not a terminal.
    """
    if listening.is_on():
        yield listening.telling(one_line(label), total, note)
        return
    if not _is_terminal():
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(
        desc=one_line(label),
        total=total,
        leave=False,
        dynamic_ncols=True,
        unit="B" if in_bytes else "it",
        unit_scale=in_bytes,
        delay=delay,
        bar_format=None if note is None else _WITH_NOTE,
        file=error_stream(),
    ) as bar:
        _ON_THE_TERMINAL.append(bar)
        seconds_told = float("-inf")

        def advance(steps: int) -> None:
            nonlocal seconds_told
            if note is not None and time.monotonic() - seconds_told >= _SECONDS_OF_A_NOTE:
                text = one_line(note())
                bar.set_postfix_str(text, refresh=False)
                seconds_told = time.monotonic() if text else seconds_told
            bar.update(steps)

        try:
            yield advance
        finally:
            _ON_THE_TERMINAL.remove(bar)


_WITH_NOTE = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"
_SECONDS_OF_A_NOTE = 0.5


@contextmanager
def activity(text: str) -> Iterator[None]:
    """Say on the terminal what goes on in a ``with`` block that has no steps to count, as in ``compiling …``.

    It stands in the bar that is there, else in a line of its own, and goes when the block is left.  Silent when
    standard error is not a terminal.
    """
    if listening.is_on():
        listening.telling(one_line(text), None)
    if listening.is_on() or not _is_terminal():
        yield
        return
    if _ON_THE_TERMINAL:
        bar = _ON_THE_TERMINAL[-1]
        label = bar.desc.removesuffix(": ")
        bar.set_description_str(f"{label}, {text}")
        try:
            yield
        finally:
            bar.set_description_str(label)
        return
    from tqdm import tqdm

    words = text[:1].upper() + text[1:]
    with tqdm(desc=words, bar_format="{desc}", leave=False, dynamic_ncols=True, file=error_stream()) as line:
        line.refresh()
        yield


@contextmanager
def above_bars() -> Iterator[None]:
    """Take the bars that are on the terminal away while something is printed there."""
    library = sys.modules.get("tqdm")
    if library is None or not _is_terminal():
        yield
        return
    with library.tqdm.external_write_mode(file=error_stream()):
        yield


def progress(items: Iterable[T], label: str, total: int | None = None, delay: float = 0) -> Iterator[T]:
    """Yield ``items`` behind a progress bar, which appears after ``delay`` seconds; silent without a terminal."""
    with progress_bar(total, label, delay=delay) as advance:
        for item in items:
            yield item
            advance(1)
