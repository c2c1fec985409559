"""How far a run's training has come: what a checkpoint stores and a trainer goes on from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Position:
    """A point between two training steps of a run; every number counts from 0.

    ``stage`` stages of the run, ``phase`` phases of the next stage, ``epoch`` epochs of the next phase and ``step``
    steps of the next epoch are done.  A checkpoint stores these names.
    """

    stage: int = 0
    phase: int = 0
    epoch: int = 0
    step: int = 0
