"""Retrying: a bounded number of attempts, with pauses that grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from derm_cli.data.downloading import http
from derm_cli.data.downloading.http import TransientError
from derm_cli.errors import DermError

T = TypeVar("T")


def retry(address: str, attempt: Callable[[], T], bytes_so_far: Callable[[], int] = lambda: 0) -> T:
    """Return what ``attempt`` returns, called anew where it raises TransientError.

    ``bytes_so_far`` counts what is there already: an attempt that brought enough more is no failure.  Raises
    DermError when too many in a row failed, or the server asks for a longer pause than is worth waiting for.
    """
    failures = 0
    while True:
        bytes_before = bytes_so_far()
        try:
            return attempt()
        except TransientError as error:
            policy = http.RETRY_POLICY
            failures = 1 if bytes_so_far() - bytes_before >= policy.progress else failures + 1
            count = bytes_so_far()
            kept_text = f"; {count:,} bytes are kept, and the same command goes on there" if count else ""
            if error.after is not None and error.after > policy.longest:
                raise DermError(
                    f"The server of '{address}' asks to be left alone for {error.after:.0f} seconds ({error}): give "
                    f"the command again after that{kept_text}."
                ) from error
            if failures >= policy.attempts:
                raise DermError(
                    f"'{address}' could not be downloaded: {error}, {failures} times in a row{kept_text}: give the "
                    "command again later."
                ) from error
            time.sleep(policy.wait(failures) if error.after is None else error.after)
