"""Sizes in words, and whether there is room for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from derm_cli.errors import DermError

RESERVE = 100_000_000
"""Bytes that are left free, so that a full disk stops a download before it stops everything else."""


def in_words(size: int) -> str:
    """Return ``size`` (bytes) as a person reads it: '1.4 GB', '690.2 kB', '12 bytes'."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def free_in(folder: Path) -> int:
    """Return the free bytes where ``folder`` is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require(folder: Path, needed: int, what: str) -> None:
    """Raise DermError, with the numbers, where ``folder`` has not room for ``needed`` bytes and a reserve."""
    free = free_in(folder)
    if needed + RESERVE > free:
        raise DermError(
            f"{what} needs {in_words(needed)} in '{folder}', where {in_words(free)} are free "
            f"({in_words(RESERVE)} are left alone): free some, or name another place with --to."
        )
