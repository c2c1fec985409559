"""Keeping in the stage store what a study that is being carried out still needs of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress

from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.planning.graph import WorkUnit

BEAT = 30.0
"""Seconds after which what is needed counts as used again: less than a stage takes to be trained, and to be stored."""


class NeededStages:
    """Has the stages that units of work begin with be used, again and again, so that the store evicts others first.

    A stage that is needed for long, as by the last of many folds, would else be the one that was used least recently.
    """

    def __init__(self, store: StageStore) -> None:
        self._store = store
        self._told = -BEAT

    def mark_used(self, units: Iterable[WorkUnit], *, at_once: bool = False) -> None:
        """Mark what ``units`` begin with as used, if that was not done for a while, or ``at_once``."""
        if not at_once and time.monotonic() < self._told + BEAT:
            return
        # A disk that does not answer for a while ends no study.
        with suppress(OSError):
            self._store.mark_used({unit.begins_with for unit in units if unit.begins_with})
        self._told = time.monotonic()
