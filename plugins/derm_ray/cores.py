"""Cores of a node for one process of many: Ray counts them, but does not say which ones."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = "derm-ray-cores"


@contextmanager
def cores_held(count: int, folder: Path | None = None) -> Iterator[tuple[list[int], list[int]]]:
    """Hold ``count`` cores of this machine in a ``with`` block: give their numbers, and the open files that hold them.

    A process that inherits the files holds the cores until it has ended, whatever becomes of this one.  Where fewer are
    free, as where Ray was told of more than there are, the others are shared.  Where the system cannot say which cores
    a process has, there are no numbers.
    """
    if not hasattr(os, "sched_getaffinity"):
        yield [], []
        return
    import fcntl

    folder = folder or Path(tempfile.gettempdir()) / f"{FOLDER}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    usable, held, files = sorted(os.sched_getaffinity(0)), list[int](), list[int]()
    try:
        for core in usable:
            if len(held) == count:
                break
            files.append(os.open(folder / f"{core}", os.O_RDWR | os.O_CREAT, 0o600))
            try:
                fcntl.flock(files[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(files.pop())
            else:
                held.append(core)
        shared = [core for core in usable if core not in held]
        yield held + shared[: count - len(held)], files
    finally:
        for file in files:
            with suppress(OSError):
                os.close(file)
