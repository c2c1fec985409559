"""Finished stages of training, stored by content, so that chains with a common beginning share its work."""

from __future__ import annotations

from typing import ClassVar

from derm_cli.arrays import DamagedFile, read_header
from derm_cli.runs.array_store import ArrayStore, Words

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

    def outlines(self) -> dict[str, int]:
        """Return the bytes of each stored stage by its outline, of those that have one."""
        found = {}
        for entry in self.entries():
            try:
                outline = read_header(entry.path).get(OUTLINE)
            except (OSError, DamagedFile):
                continue
            if isinstance(outline, str) and outline:
                found[outline] = entry.bytes
        return found
