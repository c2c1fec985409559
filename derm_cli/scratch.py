"""Folders for work that is not done: gone afterwards, even where the process was killed."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STALE = 86400
"""Seconds after which such a folder is one that was left, as by a machine that lost its power."""
_WATCHER = "import shutil, sys; sys.stdin.buffer.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
"""A program that waits until whoever holds its standard input is gone: a killed process removes nothing itself."""


@contextmanager
def scratch_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Give a new folder in ``parent``, by default the system's for temporary files, whose name begins with ``prefix``.

    It is removed at the end of the ``with`` block, and where this process ends before, in whatever way.  What earlier
    ones of this prefix left there a day ago is removed too.  Raises OSError where it cannot be made.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    for left in parent.glob(f"{prefix}*"):
        if left.is_dir() and not left.is_symlink() and _age(left) > STALE:
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{prefix}{secrets.token_hex(8)}"
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WATCHER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A signal to all processes of the terminal is not for it.
        start_new_session=True,
    )
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        watcher.communicate()


def _age(path: Path) -> float:
    """Return the seconds since a folder changed, 0 where it is gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0
