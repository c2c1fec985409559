"""Photographs that other packs of the same preprocessing have already, whole or half written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from derm_cli.data.packing.files import NOTES, PackFiles, RowReader, place_of
from derm_cli.data.packing.notes import Key, Notes, Row, read_notes
from derm_cli.data.preprocessing import Pixels


@dataclass(frozen=True)
class _Found:
    reader: RowReader
    place: int
    row: Row


class Older:
    """Rows of the other packs in a place's folder, for the ``keys`` that are wanted.

    Every row is compared with its checksum before it is given, so a damaged one is no row.  What is removed meanwhile
    can still be read.
    """

    def __init__(self, place: PackFiles, keys: set[Key]) -> None:
        self._found: dict[Key, _Found] = {}
        self._readers: list[RowReader] = []
        for journal in _same_rule(place):
            if len(self._found) == len(keys):
                break
            # Removed meanwhile, or damaged: then it is no help.
            with suppress(OSError, ValueError):
                self._add(journal, keys)

    def _add(self, journal: Path, keys: set[Key]) -> None:
        notes, home = read_notes(journal), place_of(journal)
        if journal == home.notes and not notes.sealed:
            return
        wanted = {
            row.key: (place, row)
            for place, row in enumerate(notes.rows)
            if row.lasting and row.key in keys and row.key not in self._found
        }
        if wanted:
            # Killed between its two renamings, a pack has the notes of a half one and the photographs of a whole one.
            half = journal == home.journal and home.half.exists()
            reader = RowReader(home.half if half else home.photographs)
            self._readers.append(reader)
            self._found |= {key: _Found(reader, place, row) for key, (place, row) in wanted.items()}

    def __contains__(self, key: Key) -> bool:
        return key in self._found

    def row(self, key: Key) -> tuple[Row, Pixels | None] | None:
        """Return a row with its pixels, or None where no pack has it as it was written."""
        found = self._found.get(key)
        if found is None:
            return None
        pixels = found.reader.row(found.place, found.row)
        return None if pixels is None else (found.row, pixels)

    def __enter__(self) -> Older:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.close()


def remove_superseded(place: PackFiles, keys: set[Key]) -> None:
    """Remove what other packs have half written and this one has whole, where nobody is writing it any more."""
    for journal in _same_rule(place):
        home = place_of(journal)
        if home.journal != journal or home == place:
            continue
        with suppress(OSError, ValueError, Timeout), FileLock(home.lock, timeout=0):
            if _all_in(read_notes(journal), keys):
                home.remove_half()


def _all_in(notes: Notes, keys: set[Key]) -> bool:
    return all(row.key in keys for row in notes.rows)


def _same_rule(place: PackFiles) -> Iterator[Path]:
    """Yield the notes, whole or half, of the packs of the same preprocessing, the latest used first."""
    rule = place.key.partition("-")[0]
    used = []
    for path in place.folder.glob(f"{rule}-*{NOTES}"):
        with suppress(OSError):
            used.append((path.stat().st_mtime, path))
    yield from (path for _, path in sorted(used, reverse=True))
