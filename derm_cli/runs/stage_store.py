"""Finished stages of training, stored by content, so that chains with a common beginning share its work."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import ClassVar

from derm_cli.arrays import DamagedFile, read_header
from derm_cli.runs.array_store import ArrayStore, CacheEntry, Words, mark_used

OUTLINE = "outline"
"""The fact by which a stage is known before its key can be computed; '' or not there where nobody could tell."""


class StageStore(ArrayStore):
    """The variables of networks after finished stages.

    `derm cache list` shows of the facts of each ``backbone``, ``chain`` (the names that lead to the stage), ``classes``
    (how many) and ``run``.
    """

    kind = "stages"
    words: ClassVar = Words(
        stored="stored stage",
        again="it is removed, and the stage is trained again",
        unread="the stage is trained again",
        new="A finished stage",
        others="other runs train it again",
    )

    def __init__(self, root: Path, limit: int) -> None:
        super().__init__(root, limit)
        # What is stored by a key stays: each file is opened once.
        self._outlines: dict[Path, str] = {}

    def outlines(self) -> dict[str, int]:
        """Return the bytes of each stored stage by its outline, of those that have one."""
        return {outline: entry.bytes for outline, entry in self._with_outlines()}

    def mark_used(self, outlines: Collection[str]) -> set[str]:
        """Have the stored stages of these outlines be those that were used last; return the outlines of those."""
        found = set()
        for outline, entry in self._with_outlines():
            if outline in outlines:
                mark_used(entry.path)
                found.add(outline)
        return found

    def _with_outlines(self) -> Iterator[tuple[str, CacheEntry]]:
        for entry in self.entries():
            if entry.path not in self._outlines:
                try:
                    outline = read_header(entry.path).get(OUTLINE)
                except (OSError, DamagedFile):
                    continue
                self._outlines[entry.path] = outline if isinstance(outline, str) else ""
            if self._outlines[entry.path]:
                yield self._outlines[entry.path], entry
