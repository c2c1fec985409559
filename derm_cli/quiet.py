"""Holding back what libraries print; it imports next to nothing, since plugins are imported by it at every start."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

_held: dict[int, int] = {}
"""Copies of the descriptors that :func:`quietly` holds back, by number, while it does."""
_replaced: dict[str, Any] = {}
"""Streams of Python's that are on no such descriptor, as a notebook's are, by their names in ``sys``."""
_quiet_depth = 0
_QUIET = threading.RLock()


@contextmanager
def quietly() -> Iterator[None]:
    """Hold back what libraries print, from Python and from below it, whatever log level they were asked for.

    What goes wrong must be raised: it is not shown.  Derm's own warnings and progress are shown all the same.  Several
    threads may be quiet at once: what is printed is held back until the last of them is done.
    """
    global _quiet_depth  # noqa: PLW0603 - the process has one standard output
    with _QUIET:
        _quiet_depth += 1
        if _quiet_depth == 1:
            _hold_back()
    try:
        yield
    finally:
        with _QUIET:
            _quiet_depth -= 1
            if _quiet_depth == 0:
                _let_go()


def _hold_back() -> None:
    _flush()
    for number in (1, 2):
        with suppress(OSError):  # one that is closed has nothing to hold back
            _held[number] = os.dup(number)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - without pathlib
        for number in _held:
            os.dup2(nowhere.fileno(), number)
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if stream is not None and _number_of(stream) != number:
            _replaced[name] = stream
            setattr(sys, name, io.StringIO())


def _let_go() -> None:
    _flush()
    for name, stream in _replaced.items():
        setattr(sys, name, stream)
    _replaced.clear()
    for number, descriptor in _held.items():
        os.dup2(descriptor, number)
        os.close(descriptor)
    _held.clear()


class _HeldStream:
    """Standard error while it is held back: what derm itself writes goes where it would have gone."""

    def __init__(self, stream: TextIO, descriptor: int) -> None:
        self.encoding, self._errors, self._descriptor = stream.encoding, stream.errors or "strict", descriptor

    def write(self, text: str) -> int:
        content = text.encode(self.encoding, self._errors)
        while content:
            content = content[os.write(self._descriptor, content) :]
        return len(text)

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        return self._descriptor


def error_stream() -> Any:
    """Return standard error, behind what is held back of it; None where there is none."""
    stream, descriptor = _replaced.get("stderr", sys.stderr), _held.get(2)
    if descriptor is None or stream is None or _number_of(stream) != 2:
        return stream
    return _HeldStream(stream, descriptor)


def _number_of(stream: Any) -> int | None:
    """Return the number of the descriptor that a stream is on, None where it is on none."""
    try:
        number: int = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None
    return number


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # What nobody reads any more is no reason to fail here.
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
