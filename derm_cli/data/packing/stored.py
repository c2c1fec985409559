"""A whole pack: opened as a memory map, with its notes, and verified where that is asked for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from tokenize import TokenError

import numpy as np

from derm_cli.data.facts import Facts
from derm_cli.data.packing.files import PackFiles, RowReader
from derm_cli.data.packing.notes import Notes, RowKey, read_notes
from derm_cli.data.parallel import on_all_cores
from derm_cli.data.preprocessing import Pixels
from derm_cli.data.preprocessing.heif import lacked_decoder


@dataclass(frozen=True)
class Pack:
    """Photographs, memory-mapped uint8 (n, size, size, 3), in the order of their files, and what is known of each.

    ``contents`` are the files' SHA-256, ``masks`` those of the masks that they were cropped by.  ``unreadable`` tells
    why a row has no photograph (it is black), ``uncropped`` why one is whole in spite of the preprocessing; ``facts``
    are None where it is unreadable.  ``decoded`` and ``reused`` count rows that were decoded just now, and that were
    taken from other packs; both are 0 where the whole pack was found.  ``damaged`` counts rows that a verification
    found damaged, and is None where there was none.
    """

    photographs: Pixels
    contents: tuple[str, ...]
    masks: tuple[str | None, ...]
    unreadable: dict[int, str]
    uncropped: dict[int, str]
    facts: tuple[Facts | None, ...]
    fresh: bool = False
    decoded: int = 0
    reused: int = 0
    damaged: int | None = None

    @property
    def is_outdated(self) -> bool:
        """Whether it lacks a photograph whose format was not read then, and is now."""
        return any(map(lacked_decoder, self.unreadable.values()))


class DamagedPack(Exception):
    """A pack that is not as it was written; its text says what is wrong."""


def open_pack(files: PackFiles, keys: list[RowKey]) -> Pack:
    """Open a pack.  Raises FileNotFoundError where it is not there, and DamagedPack where a look tells that it is."""
    try:
        notes = read_notes(files.notes)
    except ValueError as error:
        raise DamagedPack(str(error)) from None
    if not notes.sealed or [row.key for row in notes.rows] != keys:
        raise DamagedPack(f"'{files.notes}' is not as it was written")
    try:
        photographs = np.load(files.photographs, mmap_mode="r")
        header_bytes = files.photographs.stat().st_size - photographs.nbytes
    except (ValueError, EOFError, TokenError) as error:
        raise DamagedPack(str(error)) from None
    except FileNotFoundError:
        raise DamagedPack(f"'{files.photographs}' is gone") from None
    if len(photographs) != max(len(keys), 1) or photographs.dtype != np.uint8 or header_bytes != photographs.offset:
        raise DamagedPack(f"'{files.photographs}' has another size than it had")
    # A cache that others own may be read all the same.
    with suppress(OSError):
        files.notes.touch()
    return _from_notes(photographs, notes)


def _from_notes(photographs: Pixels, notes: Notes) -> Pack:
    return Pack(
        photographs,
        contents=tuple(row.content for row in notes.rows),
        masks=tuple(row.mask for row in notes.rows),
        unreadable={index: row.unreadable for index, row in enumerate(notes.rows) if row.unreadable is not None},
        uncropped={index: row.uncropped for index, row in enumerate(notes.rows) if row.uncropped is not None},
        facts=tuple(row.facts for row in notes.rows),
    )


def damaged_count(files: PackFiles, label: str) -> int:
    """Read every pixel, and return the number of rows that are not as they were written."""
    rows = read_notes(files.notes).rows
    with RowReader(files.photographs) as reader:

        def is_damaged(index: int) -> bool:
            return reader.pixels(index, rows[index]) is None

        return sum(on_all_cores(is_damaged, range(len(rows)), f"Verifying {label}"))
