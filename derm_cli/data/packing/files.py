"""The files of a pack: read row by row, and written so that what is there after a kill can be gone on with."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np

from derm_cli.data.packing.notes import Key, Notes, Row, as_line, read_notes, seal_of
from derm_cli.data.preprocessing import Pixels

ROWS, SECONDS = 256, 5.0
"""After so many photographs, or so long, they are put on the disk for good: as much is decoded again after a kill."""
PHOTOGRAPHS, NOTES, LOCK = ".npy", ".jsonl", ".lock"
_HALF = ".half"


@dataclass(frozen=True)
class PackFiles:
    """Where a pack lies, or is to lie, in ``folder``: files named by its ``key``."""

    folder: Path
    key: str

    @property
    def photographs(self) -> Path:
        """The array of the whole pack."""
        return self.folder / f"{self.key}{PHOTOGRAPHS}"

    @property
    def notes(self) -> Path:
        """The notes of the whole pack: it is one when they are there."""
        return self.folder / f"{self.key}{NOTES}"

    @property
    def half(self) -> Path:
        """The array as far as it is written."""
        return self.folder / f"{self.key}{_HALF}{PHOTOGRAPHS}"

    @property
    def journal(self) -> Path:
        """The notes as far as they are written."""
        return self.folder / f"{self.key}{_HALF}{NOTES}"

    @property
    def lock(self) -> Path:
        """Who holds it writes the pack."""
        return self.folder / f"{self.key}{LOCK}"

    def remove_half(self) -> None:
        """Remove what is half written."""
        for path in (self.journal, self.half):
            path.unlink(missing_ok=True)


def place_of(path: Path) -> PackFiles:
    """Return the place to which one of its files belongs."""
    return PackFiles(path.parent, path.name.split(".")[0])


def checksum_of(pixels: bytes | memoryview) -> str:
    """Return what tells whether pixels are as they were: the first 16 digits of their SHA-256."""
    return hashlib.sha256(pixels).hexdigest()[:16]


class RowReader:
    """Reads rows of an array's file one by one.  A memory map would end the process where the file is cut short."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            np.lib.format.read_magic(self._file)
            self.shape, by_columns, dtype = np.lib.format.read_array_header_1_0(self._file)
        # What NumPy does not tell itself of a damaged header.
        except (ValueError, TokenError) as error:
            self.close()
            raise ValueError(f"'{path}' is no array ({error})") from None
        self.start, self._bytes = self._file.tell(), int(np.prod(self.shape[1:]))
        if by_columns or dtype != np.uint8 or len(self.shape) != 4 or not self._bytes:
            self.close()
            raise ValueError(f"'{path}' is no array of photographs")

    def row(self, place: int, row: Row) -> Pixels | None:
        """Return the pixels of the row in this ``place``, or None where they are not those that ``row`` tells."""
        read = os.pread(self._file.fileno(), self._bytes, self.start + place * self._bytes)
        if len(read) != self._bytes or checksum_of(read) != row.checksum:
            return None
        return np.frombuffer(read, np.uint8).reshape(self.shape[1:])

    @property
    def count(self) -> int:
        """How many rows the file holds whole: fewer than its shape says where it is half written."""
        return (os.fstat(self._file.fileno()).st_size - self.start) // self._bytes

    def __enter__(self) -> RowReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Writer:
    """Writes a pack of ``count`` photographs of ``size`` pixels a side, from where an earlier one stopped.

    ``done`` are on the disk for good.
    Row after row by ordinary writes: a full disk then says so, where a memory map would end the process.
    """

    def __init__(self, place: PackFiles, head: dict[str, Any], count: int, size: int) -> None:
        self.place, self.head, self.count, self.size = place, head, count, size
        self.done = 0
        self._pending: list[Row] = []
        self._nothing = np.zeros((size, size, 3), np.uint8)
        self._committed = time.monotonic()
        self._photographs: BinaryIO
        self._journal: BinaryIO
        self._digest = hashlib.sha256()

    def begin(self, keys: Sequence[Key]) -> int:
        """Open the files, and return how many rows an earlier writer left there whole."""
        if self.place.journal.exists() and self.place.photographs.exists() and not self.place.half.exists():
            # Killed between its two renamings.
            self.place.photographs.replace(self.place.half)
        earlier = self._earlier(keys)
        if not earlier:
            self._photographs, self._journal = self.place.half.open("wb"), self.place.journal.open("wb")
            shape = (max(self.count, 1), self.size, self.size, 3)
            described = {"shape": shape, "fortran_order": False, "descr": "|u1"}
            np.lib.format.write_array_header_1_0(self._photographs, described)
            self._note(as_line(self.head))
            self._committed = time.monotonic()
            return 0
        reader, notes, whole = earlier
        self.done = whole
        self._photographs, self._journal = self.place.half.open("r+b"), self.place.journal.open("r+b")
        self._photographs.truncate(reader.start + whole * self._nothing.nbytes)
        self._photographs.seek(0, os.SEEK_END)
        self._journal.truncate(notes.ends[whole - 1])
        self._digest = hashlib.file_digest(self._journal, "sha256")
        self._journal.seek(0, os.SEEK_END)
        return whole

    def _earlier(self, keys: Sequence[Key]) -> tuple[RowReader, Notes, int] | None:
        try:
            notes, reader = read_notes(self.place.journal), RowReader(self.place.half)
        except (OSError, ValueError):
            return None
        if notes.head != self.head or reader.shape != (max(self.count, 1), *self._nothing.shape):
            return None
        whole = 0
        for key, row in zip(keys, notes.rows, strict=False):
            if row.key != key or not row.lasting or reader.row(whole, row) is None:
                break
            whole += 1
        reader.close()
        return (reader, notes, whole) if whole else None

    def append(self, row: Row, pixels: Pixels | None) -> None:
        """Write the next row, of zeros where there are no pixels."""
        self._photographs.write((self._nothing if pixels is None else pixels).data)
        self._pending.append(row)
        if len(self._pending) >= ROWS or time.monotonic() - self._committed > SECONDS:
            self.commit()

    def commit(self) -> None:
        """Put the rows on the disk for good: the pixels first, then the notes that vouch for them."""
        _sync(self._photographs)
        for row in self._pending:
            self._note(row.line())
        _sync(self._journal)
        self.done += len(self._pending)
        self._pending = []
        self._committed = time.monotonic()

    def finish(self) -> None:
        """Seal the notes, and give the files their place: the photographs first."""
        if not self.count:
            self._photographs.write(self._nothing.data)
        self.commit()
        self._journal.write(seal_of(self._digest))
        _sync(self._journal)
        self.close()
        self.place.half.replace(self.place.photographs)
        self.place.journal.replace(self.place.notes)

    def close(self) -> None:
        """Close the files."""
        self._photographs.close()
        self._journal.close()

    def give_up(self) -> None:
        """Keep what is there for the next time, as far as the disk has room for it."""
        with suppress(OSError, ValueError):
            self.commit()
        for file in (self._photographs, self._journal):
            # What a full disk refused is still in the buffer, and refused again.
            with suppress(OSError):
                file.close()

    def _note(self, line: bytes) -> None:
        self._journal.write(line)
        self._digest.update(line)


def is_full(error: OSError) -> bool:
    """Tell whether the system refused because there is no room left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
