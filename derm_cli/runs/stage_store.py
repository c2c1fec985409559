"""Finished stages of training, stored by content, so that chains with a common beginning share its work."""

from __future__ import annotations

from typing import ClassVar

from derm_cli.runs.array_store import ArrayStore, Words


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
