"""Arrays in the cache, stored by content: what took long to compute is there for whoever needs the same again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from filelock import FileLock

from derm_cli import __version__
from derm_cli.arrays import Array, DamagedFile, read_arrays, write_arrays
from derm_cli.console import warn
from derm_cli.files import leftovers
from derm_cli.runs.folder import now

SUFFIX = ".bin"
PATIENCE = 60
"""Seconds that a process waits for another to store its arrays: longer than any takes whose disk is in order."""


@dataclass(frozen=True)
class StoredArrays:
    """What was stored: arrays, in the order in which they were kept, and facts for people."""

    arrays: list[Array]
    facts: dict[str, Any]


@dataclass(frozen=True)
class CacheEntry:
    """Something in the cache: its file, the bytes it takes, and when it was last used, in seconds since the epoch."""

    path: Path
    bytes: int
    used: float


E = TypeVar("E", bound=CacheEntry)


@dataclass(frozen=True)
class Words:
    """What warnings call an entry of a store: a ``stored`` one, a ``new`` one, and what follows where it is no use.

    ``again`` is what becomes of a damaged one, ``unread`` of one that cannot be read, and ``others`` what other runs do
    without it.
    """

    stored: str
    again: str
    unread: str
    new: str
    others: str


class ArrayStore:
    """The arrays that are kept in a folder of the cache folder ``root``, in ``limit`` bytes; processes may share it.

    An entry is a file, ``<kind>/<key>.bin``, in the format of :mod:`derm_cli.arrays`; it was last used when the file
    was last changed.  Whoever reads one reads the whole of it or nothing, also while it is evicted.
    """

    kind: ClassVar[str]
    words: ClassVar[Words]

    def __init__(self, root: Path, limit: int) -> None:
        self.folder = root / self.kind
        self.limit = limit
        self.lock = self.folder / lock_name(self.kind)

    def entries(self) -> list[CacheEntry]:
        """Return what is stored."""
        entries = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            # Another process may evict it meanwhile.
            with suppress(FileNotFoundError):
                if not path.name.startswith("."):
                    status = path.stat()
                    entries.append(CacheEntry(path, status.st_size, status.st_mtime))
        return entries

    def find(self, key: str) -> StoredArrays | None:
        """Return what is stored by this key, which is now used last, or None.

        One that is damaged or cannot be read is told of in a warning and counts as not there; a damaged one is removed.
        """
        path = self._path(key)
        try:
            facts, arrays = read_arrays(path)
        except FileNotFoundError:
            return None
        except DamagedFile:
            warn(f"The {self.words.stored} '{path}' is damaged: {self.words.again}.")
            with suppress(OSError):
                path.unlink()
            return None
        except OSError as error:
            warn(f"The {self.words.stored} '{path}' cannot be read ({error.strerror}): {self.words.unread}.")
            return None
        mark_used(path)
        return StoredArrays(arrays, facts)

    def keep(self, key: str, arrays: Sequence[Array], facts: dict[str, Any]) -> None:
        """Store arrays, then evict the least recently used others until all take at most the limit.

        ``key`` must identify by its letters and digits all that the bits of ``arrays`` depend on.  ``facts`` must be
        good for JSON; when it was stored, and by which derm, is noted beside them.  Nothing that goes wrong ends the
        run: what is larger than the limit, or what the disk refuses, is told of in a warning.  With a limit of 0
        nothing is kept.
        """
        if self.limit == 0:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.lock, timeout=PATIENCE):
                self._keep(self._path(key), arrays, {"created": now(), "derm": __version__, **facts})
        except OSError as error:
            warn(
                f"{self.words.new} was not stored in '{self.folder}' ({error.strerror or error}): {self.words.others}. "
                "See 'derm cache list'."
            )

    def _keep(self, path: Path, arrays: Sequence[Array], facts: dict[str, Any]) -> None:
        """Do what :meth:`keep` does, behind the lock."""
        if path.exists():
            mark_used(path)
            return
        for half in leftovers(self.folder):
            half.unlink()
        write_arrays(path, facts, arrays)
        size = path.stat().st_size
        if size > self.limit:
            path.unlink()
            warn(
                f"{self.words.new} of {size / 1e6:.1f} MB was not stored, for all {self.kind} may take "
                f"{self.limit / 1e6:.1f} MB: raise 'cache_limit', or set it to '0' to store none."
            )
            return
        others = [each for each in self.entries() if each.path != path]
        for each in surplus(others, self.limit - size):
            each.path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"


def lock_name(kind: str) -> str:
    """Return the name of the file that whoever writes into the store of ``kind`` holds."""
    return f"{kind}.lock"


def surplus(entries: Iterable[E], limit: int) -> list[E]:
    """Return the least recently used ``entries`` that must go for the rest to take at most ``limit`` bytes."""
    oldest_first = sorted(entries, key=lambda each: each.used)
    excess = sum(each.bytes for each in oldest_first) - limit
    selected = []
    for each in oldest_first:
        if excess <= 0:
            break
        selected.append(each)
        excess -= each.bytes
    return selected


def mark_used(path: Path) -> None:
    """Have a stored file be the one that was used last."""
    # A cache that others own may be read all the same, and another process may just have evicted it.
    with suppress(OSError):
        os.utime(path)
