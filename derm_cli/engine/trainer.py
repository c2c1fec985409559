"""Training a network through the phases of one stage."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import keras
import numpy as np

from derm_cli.console import progress_bar
from derm_cli.engine.batches import EpochBatches, draw, steps_per_epoch
from derm_cli.engine.clock import BUILDING, COMPILING, STEPPING, VALIDATING, Clock
from derm_cli.engine.network import Network, carry_weights, own_variables, with_switches
from derm_cli.engine.optimizer import annealing_at, horizon_of
from derm_cli.engine.program import Program
from derm_cli.engine.programs import PhaseProgram, Programs
from derm_cli.engine.selection import BestEpoch, Selection
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.validating import ValidationMetrics
from derm_cli.errors import DermError
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import HEAD

STEPS_AT_ONCE = 64
"""After so many steps their losses are fetched: until then an accelerator is never waited for."""


@dataclass(frozen=True)
class Place:
    """How far a stage is: ``phase`` phases are done, ``epoch`` epochs of the next, ``step`` steps of the one after."""

    phase: int = 0
    epoch: int = 0
    step: int = 0


@dataclass(frozen=True)
class EpochResult:
    """What came of an epoch: its place (phase and epoch, from 0), loss in nats, accuracy in 0..1, and what it took."""

    phase: int
    epoch: int
    loss: float
    accuracy: float
    images: int
    seconds: float
    images_per_second: float
    head_rate: float
    block_rate: float
    seen: ValidationMetrics | None


class Restore(Protocol):
    """What fills variables with those of a checkpoint: all of them or, with ``part``, the first."""

    def __call__(self, variables: list[Any], part: bool = False) -> None: ...


class TrainerCallback(Protocol):
    """Who is told how a stage goes, and may write a checkpoint then."""

    def epoch_ended(self, epoch: EpochResult, place: Place) -> None:
        """Hear of an epoch; training goes on at ``place``."""

    def passed(self, place: Place) -> None:
        """Hear that a place inside an epoch, or between two phases, was passed."""


@dataclass
class Sums:
    """What an epoch that is not over has given so far: losses and right answers of its steps, and its seconds."""

    loss: float = 0.0
    hits: float = 0.0
    seconds: float = 0.0


class StageTrainer:
    """Trains ``network`` through the phases of ``stage``; it can stop at any :class:`Place` and go on, bit for bit."""

    def __init__(
        self,
        network: Network,
        stage: Stage,
        lesson: StageInputs,
        means: ComputeOptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.network, self.stage, self.lesson = network, stage, lesson
        self.means, self.clock = means or ComputeOptions(), clock or Clock()
        with self.clock(BUILDING):
            self.trained, switches = with_switches(network) if self.means.by_stage else (network, {})
            self.programs = Programs(self.trained, stage, lesson, self.means, self.clock, switches=switches)
            self.selection = Selection(self.trained, stage)
        self.sums = Sums()
        self._now: PhaseProgram | None = None

    @property
    def steps(self) -> int:
        """The steps of an epoch."""
        return steps_per_epoch(len(self.lesson.labels), len(self.stage.classes), self.lesson.per_class)

    def variables(self) -> list[Any]:
        """Return all that training changes, in an order that a rebuilt trainer has too: network, draws, optimizer.

        Inside a phase the optimizer is among them, between two phases it is not.
        """
        stage_long = [*own_variables(self.trained), *self.programs.generators, *self.selection.kept]
        if self._now is None:
            return stage_long
        self._now.program.stepper.settle()
        return [*stage_long, *self._now.program.optimizer.variables]

    def notes(self) -> dict[str, Any]:
        """Return what :meth:`go_on` needs beside :meth:`variables`, as JSON values."""
        return {"sums": asdict(self.sums), "standing": asdict(self.selection.standing)}

    def go_on(self, place: Place, notes: dict[str, Any], restore: Restore) -> None:
        """Take up training at ``place``, with what :meth:`notes` gave there; ``restore`` fills the variables."""
        if place.epoch or place.step:
            # First the network alone: what is kept of its frozen part is computed from it as the phase begins.
            restore(self.variables(), part=True)
            self._begin(self.stage.phases[place.phase])
        restore(self.variables())
        self.sums, self.selection.standing = Sums(**notes["sums"]), BestEpoch(**notes["standing"])

    def train(self, witness: TrainerCallback, start: Place | None = None) -> None:
        """Train what comes after ``start``, which :meth:`go_on` was told before; without it, everything.

        Raises DermError where the loss is no number any more, or where a frozen block has moved.
        """
        start = start or Place()
        for number, phase in enumerate(self.stage.phases):
            if number >= start.phase:
                self._phase(number, phase, start if number == start.phase else Place(number), witness)
        if self.trained is not self.network:
            carry_weights(self.trained, self.network)

    def _phase(self, number: int, phase: Phase, start: Place, witness: TrainerCallback) -> None:
        built = self._now if self._now is not None else self._begin(phase)
        frozen = self._frozen(phase)
        for epoch in range(start.epoch, phase.epochs):
            if self.selection.stops(phase.options):
                break
            self._epoch(built, number, epoch, start.step if epoch == start.epoch else 0, witness)
        self.selection.end(built, phase.options)
        if self._frozen(phase) != frozen:
            raise DermError(f"A frozen block moved in phase '{phase.name}' of stage '{self.stage.name}': report this.")
        self._now = None
        witness.passed(Place(number + 1))

    def _begin(self, phase: Phase) -> PhaseProgram:
        """Freeze all but the phase's blocks and start a fresh optimizer, as the paper's recompiling does."""
        self.selection.standing = BestEpoch()
        self._now = self.programs.of(phase)
        self._now.program.begin(phase, self.steps)
        return self._now

    def _epoch(self, built: PhaseProgram, number: int, epoch: int, first: int, witness: TrainerCallback) -> None:
        phase, lesson, sums = self.stage.phases[number], self.lesson, self.sums
        drawn = draw(
            lesson.labels, len(self.stage.classes), lesson.per_class, phase.options, (lesson.seed, number, epoch)
        )
        steps, batch = drawn.indices.shape
        began, stepped, stepping = time.monotonic(), 0, self.clock.seconds[STEPPING]
        with progress_bar(steps, f"{self.stage.name}, {phase.name}, epoch {epoch + 1}") as advance:
            advance(first)
            for done, timed in self._steps(built.program, drawn, first):
                advance(timed)
                stepped += timed
                if not math.isfinite(sums.loss):
                    raise DermError(
                        f"The loss became '{sums.loss}' in stage '{self.stage.name}', phase '{phase.name}', epoch "
                        f"{epoch + 1}: try learning rates below {phase.head_rate:g} (--head-rate) and "
                        f"{phase.block_rate:g} (--block-rate)."
                    )
                if done < steps:
                    sums.seconds, began = sums.seconds + time.monotonic() - began, time.monotonic()
                    witness.passed(Place(number, epoch, done))
        built.program.stepper.settle()
        spent = self.clock.seconds[STEPPING] - stepping
        with self.clock(VALIDATING):
            seen = self.selection.look(built, phase.options)
        annealed = annealing_at(steps * (epoch + 1) - 1, horizon_of(phase, steps))
        ended = EpochResult(
            phase=number,
            epoch=epoch,
            loss=sums.loss / steps,
            accuracy=sums.hits / drawn.indices.size,
            images=drawn.indices.size,
            seconds=sums.seconds + time.monotonic() - began,
            images_per_second=stepped * batch / spent if spent else 0.0,
            head_rate=phase.head_rate * annealed,
            block_rate=phase.block_rate * annealed,
            seen=seen,
        )
        self.sums = Sums()
        witness.epoch_ended(ended, Place(number, epoch + 1))

    def _steps(self, program: Program, drawn: EpochBatches, first: int) -> Iterator[tuple[int, int]]:
        """Take the steps of an epoch from ``first`` on; yield now and then how many are done, and how many were timed.

        Losses are added one by one, so their sum does not depend on where an epoch was interrupted.
        """
        coming: list[Any] = []
        started, steps = time.monotonic(), len(drawn.indices)
        for step, places in program.feed.places(drawn.indices, first, program.stepper.settle):
            inputs, targets = drawn.inputs(step, places), drawn.targets[step]
            compiling = not program.compiled
            if compiling:
                with self.clock(COMPILING):
                    program.compile(inputs, targets)
                    coming = [self._fetched(program.stepper.step(inputs, targets))]
                started = time.monotonic()
            else:
                coming.append(program.stepper.step(inputs, targets))
            if compiling or len(coming) == STEPS_AT_ONCE or step + 1 == steps:
                for each in coming:
                    loss, hits = self._fetched(each)
                    self.sums.loss += loss
                    self.sums.hits += hits
                if not compiling:
                    self.clock.seconds[STEPPING] += time.monotonic() - started
                yield step + 1, 0 if compiling else len(coming)
                coming, started = [], time.monotonic()

    @staticmethod
    def _fetched(taken: Any) -> tuple[float, float]:
        loss, hits = taken
        return float(loss), float(hits)

    def _frozen(self, phase: Phase) -> dict[str, str]:
        """Return a fingerprint of each frozen block, weights and BatchNorm statistics alike."""
        if not self.means.frozen_check:
            return {}
        moving = {HEAD, *phase.blocks}
        return {name: fingerprint(self.trained.variables(name)) for name in self.trained.blocks if name not in moving}


def fingerprint(variables: list[Any]) -> str:
    """Return the SHA-256 of the values of variables, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for variable in variables:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return digest.hexdigest()
