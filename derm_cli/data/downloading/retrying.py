"""Trying again: a bounded number of times, with pauses that grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from derm_cli.data.downloading import http
from derm_cli.data.downloading.http import PassingError
from derm_cli.errors import DermError

T = TypeVar("T")


def patiently(address: str, attempt: Callable[[], T], got: Callable[[], int] = lambda: 0) -> T:
    """Return what ``attempt`` returns, called anew where it raises PassingError.

    ``got`` tells the bytes that are there so far: an attempt that brought enough of them is no failure.  Raises
    DermError when too many in a row failed, or the server asks for a longer pause than is worth waiting for.
    """
    failures = 0
    while True:
        before = got()
        try:
            return attempt()
        except PassingError as error:
            patience = http.PATIENCE
            failures = 1 if got() - before >= patience.progress else failures + 1
            kept = f"; {got():,} bytes are kept, and the same command goes on there" if got() else ""
            if error.after is not None and error.after > patience.longest:
                raise DermError(
                    f"The server of '{address}' asks to be left alone for {error.after:.0f} seconds ({error}): give "
                    f"the command again after that{kept}."
                ) from error
            if failures >= patience.attempts:
                raise DermError(
                    f"'{address}' could not be downloaded: {error}, {failures} times in a row{kept}: give the command "
                    "again later."
                ) from error
            time.sleep(patience.wait(failures) if error.after is None else error.after)
