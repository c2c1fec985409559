"""The inputs of a stage's training, and the options by which the engine computes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from derm_cli.engine.components import ComponentTable
from derm_cli.engine.feeding import CPU_RESIDENT_BYTES, WINDOW_BYTES, PhotographSource
from derm_cli.engine.validating import Validation
from derm_cli.phase_options import Component


@dataclass(frozen=True)
class StageInputs:
    """What a stage trains on: all that its bits depend on beside the network and the plan's stage.

    ``labels``, int32 (n,), are indices into the stage's classes.  ``seed`` differs by stage.
    ``norm_momentum`` is that of the plan.  ``components`` has the specs of all that the phases name.
    ``answers``, float32 (n, classes), are a teacher's, None without one.
    """

    photographs: PhotographSource
    labels: npt.NDArray[np.int32]
    per_class: int
    augmentation: Component | None
    seed: int
    norm_momentum: float
    components: ComponentTable
    validation: Validation | None = None
    answers: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class ComputeOptions:
    """How the engine computes, resolved where a plan leaves it to the machine.

    ``by_stage`` compiles one program for all phases of a stage; ``half`` scales the loss for float16; ``compiled`` asks
    for XLA; ``resident_bytes`` is what a stage's photographs, or cached features, may take to be in the device's memory
    whole, else they come in windows of ``window_bytes``.  ``trace_ahead`` has a thread trace the next phase's program
    while this one's steps are taken, where each phase has its own.
    """

    by_stage: bool = False
    half: bool = False
    compiled: bool = False
    frozen_check: bool = True
    trace_ahead: bool = False
    resident_bytes: int = CPU_RESIDENT_BYTES
    window_bytes: int = WINDOW_BYTES
