"""Compiling the next stage's programs while this one trains, so that they lie in XLA's cache when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.engine.batches import draw
from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.stage_inputs import StageInputs
from derm_cli.engine.stepping import Stepper
from derm_cli.engine.trainer import StageTrainer


@dataclass(frozen=True)
class Blank:
    """Photographs of a shape that nobody looks at."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """The bytes that they take."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
        """Return so many black photographs."""
        return np.zeros((len(indices), *self.shape[1:]), dtype=self.dtype)


def blank(lesson: StageInputs) -> StageInputs:
    """Return a lesson that gives the same programs as ``lesson``, without its photographs and its validation part."""
    source: PhotographSource = Blank(lesson.photographs.shape, lesson.photographs.dtype)
    return replace(lesson, photographs=source, validation=None)


@contextmanager
def compiled_beside(trainer: StageTrainer | None) -> Iterator[None]:
    """Compile the programs of ``trainer``, which is thrown away, in a thread while the block runs; None compiles
    nothing.

    They are traced before, here: layers draw from generators that the block may use.  What goes wrong in the thread is
    left to the stage itself, which compiles again and then fails with its own sentence.
    """
    steppers = [] if trainer is None else _traced(trainer)
    with ThreadPoolExecutor(1, "compile-ahead") as pool:
        coming = [pool.submit(each.compile) for each in steppers]
        try:
            yield
        finally:
            for each in coming:
                each.cancel()


def _traced(trainer: StageTrainer) -> list[Stepper]:
    """Return the traced programs of a stage."""
    lesson, found = trainer.lesson, {}
    for number, phase in enumerate(trainer.stage.phases):
        program = trainer.programs.of(phase).program
        stepper = program.stepper
        if id(stepper) not in found:
            program.begin(phase, trainer.steps)
            seed = (lesson.seed, number)
            drawn = draw(lesson.labels, len(trainer.stage.classes), lesson.per_class, phase.options, seed)
            stepper.trace(drawn.inputs(0, drawn.indices[0]), drawn.targets[0])
            found[id(stepper)] = stepper
    return list(found.values())
