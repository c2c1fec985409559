"""Rows that other packs of the same preprocessing have already, whole or half written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from derm_cli.data.packing.files import NOTES, PackFiles, RowReader, pack_files_of
from derm_cli.data.packing.notes import Notes, PackRow, RowKey, read_notes
from derm_cli.data.preprocessing import Pixels


@dataclass(frozen=True)
class _StoredRow:
    reader: RowReader
    index: int
    row: PackRow


class OlderPacks:
    """Rows of the other packs in the same folder, for the ``keys`` that are wanted.

    Every row is compared with its checksum before it is given, so a damaged one is no row.  What is removed meanwhile
    can still be read.
    """

    def __init__(self, files: PackFiles, keys: set[RowKey]) -> None:
        self._rows: dict[RowKey, _StoredRow] = {}
        self._readers: list[RowReader] = []
        for journal in _notes_with_same_preprocessing(files):
            if len(self._rows) == len(keys):
                break
            # Removed meanwhile, or damaged: then it is no help.
            with suppress(OSError, ValueError):
                self._add(journal, keys)

    def _add(self, journal: Path, keys: set[RowKey]) -> None:
        notes, files = read_notes(journal), pack_files_of(journal)
        if journal == files.notes and not notes.sealed:
            return
        wanted = {
            row.key: (index, row)
            for index, row in enumerate(notes.rows)
            if row.is_reusable and row.key in keys and row.key not in self._rows
        }
        if wanted:
            # Killed between its two renamings, a pack has the notes of a half one and the photographs of a whole one.
            is_partial = journal == files.journal and files.partial_photographs.exists()
            reader = RowReader(files.partial_photographs if is_partial else files.photographs)
            self._readers.append(reader)
            self._rows |= {key: _StoredRow(reader, index, row) for key, (index, row) in wanted.items()}

    def __contains__(self, key: RowKey) -> bool:
        return key in self._rows

    def row(self, key: RowKey) -> tuple[PackRow, Pixels | None] | None:
        """Return a row with its pixels, or None where no pack has it as it was written."""
        stored = self._rows.get(key)
        if stored is None:
            return None
        pixels = stored.reader.pixels(stored.index, stored.row)
        return None if pixels is None else (stored.row, pixels)

    def __enter__(self) -> OlderPacks:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.close()


def remove_superseded(files: PackFiles, keys: set[RowKey]) -> None:
    """Remove what other packs have half written and this one has whole, where nobody is writing it any more."""
    for journal in _notes_with_same_preprocessing(files):
        other_files = pack_files_of(journal)
        if other_files.journal != journal or other_files == files:
            continue
        with suppress(OSError, ValueError, Timeout), FileLock(other_files.lock, timeout=0):
            if _are_all_in(read_notes(journal), keys):
                other_files.remove_partial()


def _are_all_in(notes: Notes, keys: set[RowKey]) -> bool:
    return all(row.key in keys for row in notes.rows)


def _notes_with_same_preprocessing(files: PackFiles) -> Iterator[Path]:
    """Yield the notes, whole or half, of the packs of the same preprocessing, the latest used first."""
    rule = files.key.partition("-")[0]
    notes_by_use = []
    for path in files.folder.glob(f"{rule}-*{NOTES}"):
        with suppress(OSError):
            notes_by_use.append((path.stat().st_mtime, path))
    yield from (path for _, path in sorted(notes_by_use, reverse=True))
