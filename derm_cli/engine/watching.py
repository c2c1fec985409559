"""Who is told how a training goes on while its steps are taken."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Is told how training goes on, step by step, and tells how long it will."""

    def phase_begun(self, phase: int) -> None:
        """Take the number of a phase of the stage that begins; its program is not ready yet."""

    def steps_taken(self, steps: int) -> None:
        """Take how many steps the phase has taken, over all its epochs."""

    def time_left(self) -> str:
        """Return the time that is left, in words; "" where that is not known."""


class NoWatcher:
    """Watches nothing."""

    def phase_begun(self, phase: int) -> None:
        """Take nothing down."""

    def steps_taken(self, steps: int) -> None:
        """Take nothing down."""

    def time_left(self) -> str:
        """Know nothing."""
        return ""
