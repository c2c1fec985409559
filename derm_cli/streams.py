"""Standard input, output and error, whatever the process was given for them: closed, gone, or of few characters.

A terminal can go away, a service may have no streams, and an old locale has no dashes: none of that may end a training
that is done, or let what a library prints get into a file that took the number of a closed stream.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

PLAIN = {"–": "-", "—": "-", "…": "...", "±": "+/-", "×": "x", "·": ".", "°": " deg", "▲": "^", "’": "'", "→": "->"}
"""What derm prints beside ASCII, for streams that do not have it."""
_STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def prepare_streams() -> None:
    """Make the streams of this process usable; to be called once, as it begins.

    What is closed leads nowhere from now on, also for libraries that print by its number.  A character that a stream
    does not have is replaced: :func:`plain`.  And standard error takes everything, also where nobody reads it any more.
    """
    codecs.register_error("derm-plain", plain)
    # All numbers first: the files that are opened then must not take one of them.
    for number in range(len(_STREAMS)):
        _open_if_closed(number)
    for name, mode in _STREAMS.items():
        if getattr(sys, name) is None:
            # It was closed as Python began, and another file may have its number by now.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="derm-plain")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.flush()
        lenient = io.BufferedWriter(_Lenient(sys.stderr.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(
            lenient, encoding=sys.stderr.encoding, errors="derm-plain", line_buffering=True, write_through=True
        )


def drop_output() -> None:
    """Forget what standard output did not take, so that Python does not try once more as it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stdout.flush()


def plain(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an encoding does not have, and where to go on, as for ``codecs``.

    Punctuation becomes that of a typewriter, and anything else the escape that Python has for it.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(PLAIN.get(each) or each.encode("unicode_escape").decode() for each in characters), error.end


def _open_if_closed(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        os.set_inheritable(number, True)


class _Lenient(io.FileIO):
    """A file that loses what it cannot write."""

    def write(self, data: Any, /) -> int:
        """Write, or not, and tell that all was written."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
