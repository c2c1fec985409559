"""The files of a pack: read row by row, and written so that an interrupted packing can be gone on with."""

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

from derm_cli.data.packing.notes import Notes, PackRow, RowKey, json_line, read_notes, seal_line
from derm_cli.data.preprocessing import Pixels

ROWS, SECONDS = 256, 5.0
"""After so many photographs, or so long, they are put on the disk for good: as much is decoded again after a kill."""
PHOTOGRAPHS, NOTES, LOCK = ".npy", ".jsonl", ".lock"
_PARTIAL = ".half"


@dataclass(frozen=True)
class PackFiles:
    """The paths of a pack in ``folder``, whether it is there or not: files named by its ``key``."""

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
    def partial_photographs(self) -> Path:
        """The array as far as it is written."""
        return self.folder / f"{self.key}{_PARTIAL}{PHOTOGRAPHS}"

    @property
    def journal(self) -> Path:
        """The notes as far as they are written."""
        return self.folder / f"{self.key}{_PARTIAL}{NOTES}"

    @property
    def lock(self) -> Path:
        """The lock file: the process that holds it writes the pack."""
        return self.folder / f"{self.key}{LOCK}"

    def remove_partial(self) -> None:
        """Remove what is half written."""
        for path in (self.journal, self.partial_photographs):
            path.unlink(missing_ok=True)


def pack_files_of(path: Path) -> PackFiles:
    """Return the files of the pack to which the file ``path`` belongs."""
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

    def pixels(self, index: int, row: PackRow) -> Pixels | None:
        """Return the pixels of the row at ``index``, or None where they have not the checksum that ``row`` has."""
        content = os.pread(self._file.fileno(), self._bytes, self.start + index * self._bytes)
        if len(content) != self._bytes or checksum_of(content) != row.checksum:
            return None
        return np.frombuffer(content, np.uint8).reshape(self.shape[1:])

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


class PackWriter:
    """Writes a pack of ``count`` photographs of ``size`` pixels a side, from where an earlier one stopped.

    ``rows_written`` rows are on the disk for good.
    Row after row by ordinary writes: a full disk then says so, where a memory map would end the process.
    """

    def __init__(self, files: PackFiles, head: dict[str, Any], count: int, size: int) -> None:
        self.files, self.head, self.count, self.size = files, head, count, size
        self.rows_written = 0
        self._pending: list[PackRow] = []
        self._black = np.zeros((size, size, 3), np.uint8)
        self._committed = time.monotonic()
        self._photographs: BinaryIO
        self._journal: BinaryIO
        self._digest = hashlib.sha256()

    def begin(self, keys: Sequence[RowKey]) -> int:
        """Open the files, and return how many rows an earlier writer left there whole."""
        if (
            self.files.journal.exists()
            and self.files.photographs.exists()
            and not self.files.partial_photographs.exists()
        ):
            # Killed between its two renamings.
            self.files.photographs.replace(self.files.partial_photographs)
        resumable = self._resumable(keys)
        if not resumable:
            self._photographs, self._journal = self.files.partial_photographs.open("wb"), self.files.journal.open("wb")
            shape = (max(self.count, 1), self.size, self.size, 3)
            header = {"shape": shape, "fortran_order": False, "descr": "|u1"}
            np.lib.format.write_array_header_1_0(self._photographs, header)
            self._write_line(json_line(self.head))
            self._committed = time.monotonic()
            return 0
        reader, notes, row_count = resumable
        self.rows_written = row_count
        self._photographs, self._journal = self.files.partial_photographs.open("r+b"), self.files.journal.open("r+b")
        self._photographs.truncate(reader.start + row_count * self._black.nbytes)
        self._photographs.seek(0, os.SEEK_END)
        self._journal.truncate(notes.ends[row_count - 1])
        self._digest = hashlib.file_digest(self._journal, "sha256")
        self._journal.seek(0, os.SEEK_END)
        return row_count

    def _resumable(self, keys: Sequence[RowKey]) -> tuple[RowReader, Notes, int] | None:
        try:
            notes, reader = read_notes(self.files.journal), RowReader(self.files.partial_photographs)
        except (OSError, ValueError):
            return None
        if notes.head != self.head or reader.shape != (max(self.count, 1), *self._black.shape):
            return None
        row_count = 0
        for key, row in zip(keys, notes.rows, strict=False):
            if row.key != key or not row.is_reusable or reader.pixels(row_count, row) is None:
                break
            row_count += 1
        reader.close()
        return (reader, notes, row_count) if row_count else None

    def append(self, row: PackRow, pixels: Pixels | None) -> None:
        """Write the next row, of zeros where there are no pixels."""
        self._photographs.write((self._black if pixels is None else pixels).data)
        self._pending.append(row)
        if len(self._pending) >= ROWS or time.monotonic() - self._committed > SECONDS:
            self.commit()

    def commit(self) -> None:
        """Put the rows on the disk for good: the pixels first, then the notes that vouch for them."""
        _sync(self._photographs)
        for row in self._pending:
            self._write_line(row.to_line())
        _sync(self._journal)
        self.rows_written += len(self._pending)
        self._pending = []
        self._committed = time.monotonic()

    def finish(self) -> None:
        """Seal the notes, and give the files their names: the photographs first."""
        if not self.count:
            self._photographs.write(self._black.data)
        self.commit()
        self._journal.write(seal_line(self._digest))
        _sync(self._journal)
        self.close()
        self.files.partial_photographs.replace(self.files.photographs)
        self.files.journal.replace(self.files.notes)

    def close(self) -> None:
        """Close the files."""
        self._photographs.close()
        self._journal.close()

    def abandon(self) -> None:
        """Keep what is there for the next time, as far as the disk has room for it."""
        with suppress(OSError, ValueError):
            self.commit()
        for file in (self._photographs, self._journal):
            # What a full disk refused is still in the buffer, and refused again.
            with suppress(OSError):
                file.close()

    def _write_line(self, line: bytes) -> None:
        self._journal.write(line)
        self._digest.update(line)


def is_full(error: OSError) -> bool:
    """Tell whether the system refused because there is no room left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
