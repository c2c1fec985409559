"""Sizes in words, and whether there is room for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from derm_cli.errors import DermError

RESERVE = 100_000_000
"""Bytes that are left free, so that a full disk stops a download before it stops everything else."""


def size_text(size: int) -> str:
    """Return ``size`` (bytes) as a person reads it: '1.4 GB', '690.2 kB', '12 bytes'."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def free_bytes(folder: Path) -> int:
    """Return the free bytes where ``folder`` is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def require_free(folder: Path, needed: int, what: str) -> None:
    """Raise DermError, with the numbers, where ``folder`` has not room for ``needed`` bytes and a reserve."""
    free = free_bytes(folder)
    if needed + RESERVE > free:
        raise DermError(
            f"{what} needs {size_text(needed)} in '{folder}', where {size_text(free)} are free "
            f"({size_text(RESERVE)} are left alone): free some, or name another place with --to."
        )
