"""What the hooks of a run are told: facts of the run, of a stage that begins, and of an epoch that ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from derm_cli.errors import SpecError
from derm_cli.plan import Plan, Stage

ENDS = ("phase", "stage", "run")
"""What a plugin may ask to be ended."""


@dataclass(frozen=True, kw_only=True)
class StudyFacts:
    """A study: its name, its folder, and what it asks, for people, which may be empty."""

    name: str
    folder: Path
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """A run: its id, its folder, its plan, and whether any of its photographs are synthetic.

    Where it is trained for a ``study``, ``row`` is the name of the study's row; it is empty for stages that several
    rows share, which are trained in a folder that is no run, and never finished as one.
    """

    id: str
    folder: Path
    plan: Plan
    synthetic: bool
    study: StudyFacts | None = None
    row: str = ""


@dataclass(frozen=True, kw_only=True)
class StageFacts:
    """A stage that begins: its index in the plan (from 0), photographs by class, and steps an epoch.

    ``stored_by`` is the run that trained it before, where it is taken from the stage store and no epoch follows.
    """

    index: int
    stage: Stage
    photographs: dict[str, int]
    steps: int
    stored_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class EpochReport:
    """An epoch that ended.

    ``loss`` is the mean cross-entropy in nats, ``accuracy`` is in 0..1, both on training batches as augmented.
    ``validation_loss`` and ``validation_balanced_accuracy`` (0..1) are of the validation part, None where the plan
    has none.  ``head_rate`` and ``block_rate`` are the learning rates at the epoch's last step.  ``seconds`` is wall
    time, validation included; ``images_per_second`` that of the steps alone, without compiling.  ``memory_bytes`` is
    the most memory that the process has taken so far, ``device_memory_bytes`` that of the accelerator where one
    tells.  ``first`` marks a phase's first epoch, which includes compiling.
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
    images_per_second: float = 0.0
    validation_loss: float | None = None
    validation_balanced_accuracy: float | None = None
    memory_bytes: int | None = None
    device_memory_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class StopRequest:
    """What ``derm_epoch_ended`` returns to have training end after this epoch, as after the last one of its plan.

    ``reason`` says why, in a sentence: it is stored in the run's record.  ``ends`` is what is ended: ``"phase"``, the
    ``"stage"`` with its phases that are left, or the ``"run"``, which is then finished, evaluated and exported like any
    other.  A stage that comes after has a head that has learned nothing: of each such stage a run that is ended still
    trains the first epoch.  Raises SpecError for another ``ends``, or no reason.
    """

    reason: str
    ends: Literal["phase", "stage", "run"] = "run"

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not self.reason.strip():
            raise SpecError(f"stop request: field 'reason' is {self.reason!r}, but must be a text that says why.")
        if self.ends not in ENDS:
            raise SpecError(f"stop request: field 'ends' is {self.ends!r}, but must be one of 'phase', 'stage', 'run'.")
