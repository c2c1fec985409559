"""How far a call is, as its caller is told."""

from __future__ import annotations

from dataclasses import dataclass

from derm_cli.plugin.events import EpochReport


@dataclass(frozen=True)
class ProgressReport:
    """What goes on: ``done`` of ``total`` steps (None: nobody knows how many), with a ``note`` such as the time left.

    ``epoch`` has the figures of an epoch of a training that has just ended, None at any other time.
    """

    what: str
    done: int = 0
    total: int | None = None
    note: str = ""
    epoch: EpochReport | None = None
