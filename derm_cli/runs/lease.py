"""The lease of a run's folder: who trains there holds a lock, and gives a sign of life that other machines see."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from derm_cli.errors import DermError
from derm_cli.runs.layout import LOCK

BEAT = 30
"""Seconds between two signs of life."""
LEASE = 300
"""Seconds without a sign of life after which a process of another machine is taken for dead."""
LEASE_WITHOUT_LOCK = 86400
"""The same where there is no lock, as in a run of an earlier derm: seconds in which nothing in the folder changed."""


@contextmanager
def lease_held(folder: Path, patience: float = 0) -> Iterator[None]:
    """Hold the lock of a run's folder in a ``with`` block; meanwhile a thread touches it every 30 seconds.

    Raises DermError where another process, or another thread, still holds it after ``patience`` seconds.  Afterwards
    it is gone; what a killed process leaves keeps nobody out.
    """
    path = folder / LOCK
    refusal = DermError(
        f"Another process is at work in '{folder}' and holds '{path}': wait until it has ended, or end it."
    )
    ended = threading.Event()
    thread = threading.Thread(target=_give_signs_of_life, args=(path, ended), daemon=True)
    with lock_held(path, refusal, patience):
        thread.start()
        try:
            yield
        finally:
            ended.set()


@contextmanager
def lock_held(path: Path, refusal: DermError, patience: float = 0) -> Iterator[None]:
    """Hold the lock ``path`` in a ``with`` block, and remove it then.

    Raises ``refusal`` where it is still held elsewhere after ``patience`` seconds.
    """
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise refusal from None
    try:
        yield
    finally:
        try:
            # While it is held: who waits for it then sees that it is gone, and makes another.
            path.unlink(missing_ok=True)
        finally:
            lock.release()


def seconds_since_sign_of_life(folder: Path) -> float:
    """Return the seconds since the lock was touched or, without one, since any file of the folder was changed.

    Less than 0 where the clocks of two machines differ.
    """
    try:
        latest = (folder / LOCK).stat().st_mtime
    except OSError:
        latest = max(_times_of_change(folder), default=0.0)
    return time.time() - latest


def has_lapsed(folder: Path) -> bool:
    """Tell whether whoever trained in ``folder`` has given no sign of life for the time of the lease."""
    lease = LEASE if (folder / LOCK).exists() else LEASE_WITHOUT_LOCK
    return abs(seconds_since_sign_of_life(folder)) > lease


def _give_signs_of_life(path: Path, ended: threading.Event) -> None:
    while True:
        # A disk that does not answer for a while ends no run.
        with suppress(OSError):
            os.utime(path)
        if ended.wait(BEAT):
            return


def _times_of_change(folder: Path) -> Iterator[float]:
    for path in folder.iterdir():
        with suppress(OSError):
            yield path.stat().st_mtime
