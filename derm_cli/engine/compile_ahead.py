"""Compiling the next stage's programs while this one trains, so that they lie in XLA's cache when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.stage_inputs import StageInputs
from derm_cli.engine.stepping import Stepper
from derm_cli.engine.trainer import StageTrainer


@dataclass(frozen=True)
class BlankPhotographs:
    """Black photographs of a shape, for a program that is compiled and never run."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """The bytes that they take."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
        """Return so many black photographs."""
        return np.zeros((len(indices), *self.shape[1:]), dtype=self.dtype)


def without_photographs(inputs: StageInputs) -> StageInputs:
    """Return inputs that give the same programs as ``inputs``, without its photographs and its validation part."""
    source: PhotographSource = BlankPhotographs(inputs.photographs.shape, inputs.photographs.dtype)
    return replace(inputs, photographs=source, validation=None)


@contextmanager
def compiling_ahead(trainer: StageTrainer | None) -> Iterator[None]:
    """Compile the programs of ``trainer``, if any, in a thread while the block runs; the trainer is thrown away.

    They are traced before, here: layers draw from generators that the block may use.  What goes wrong in the thread is
    left to the stage itself, which compiles again and then fails with its own sentence.
    """
    steppers = [] if trainer is None else _traced(trainer)
    with ThreadPoolExecutor(1, "compile-ahead") as pool:
        pending = [pool.submit(each.compile) for each in steppers]
        try:
            yield
        finally:
            for each in pending:
                each.cancel()


def _traced(trainer: StageTrainer) -> list[Stepper]:
    """Return the traced programs of a stage."""
    steppers_by_id = {}
    for number, phase in enumerate(trainer.stage.phases):
        program = trainer.programs.program_for(phase, trainer.components(number)).program
        stepper = program.stepper
        if id(stepper) not in steppers_by_id:
            program.begin(phase)
            batches = trainer.draw(number)
            stepper.trace(batches.inputs(0, batches.indices[0]), batches.targets[0])
            steppers_by_id[id(stepper)] = stepper
    return list(steppers_by_id.values())
