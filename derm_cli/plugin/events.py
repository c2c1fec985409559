"""What the hooks of a run are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from derm_cli.plan import Plan, Stage


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """A run: its id, its folder, its plan, and whether any of its photographs are made rather than taken."""

    id: str
    folder: Path
    plan: Plan
    synthetic: bool


@dataclass(frozen=True, kw_only=True)
class StageFacts:
    """A stage that begins: its place in the plan (from 0), photographs by class, and steps an epoch."""

    index: int
    stage: Stage
    photographs: dict[str, int]
    steps: int


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """An epoch that ended.  ``loss`` is the mean cross-entropy in nats, ``accuracy`` is in 0..1, both on training
    batches as augmented; ``seconds`` is wall time, ``first`` marks a phase's first epoch, which includes compiling.
    """

    stage: int
    stage_name: str
    phase: int
    phase_name: str
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    images: int
    seconds: float
    head_rate: float
    block_rate: float
    first: bool
