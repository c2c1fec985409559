"""Training a network through the phases of one stage."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from derm_cli.console import progress_bar
from derm_cli.engine.batches import EpochBatches, draw_epoch, steps_per_epoch
from derm_cli.engine.clock import BUILDING, COMPILING, FEATURES, STEPPING, VALIDATING, Clock
from derm_cli.engine.components import PhaseComponents, phase_components, step_values
from derm_cli.engine.frozen_check import frozen_hashes
from derm_cli.engine.head_start import start_head
from derm_cli.engine.network import Network, copy_weights, network_variables, with_switches
from derm_cli.engine.position import Position
from derm_cli.engine.program import Program
from derm_cli.engine.programs import PhaseProgram, Programs
from derm_cli.engine.selection import BestEpoch, WeightSelection
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.stopping import StopSignals
from derm_cli.engine.validating import ValidationMetrics
from derm_cli.engine.watching import NoWatcher, Watcher
from derm_cli.errors import DermError
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import HEAD

STAGE_START = Position()
STEPS_AT_ONCE = 64
"""After so many steps their losses are fetched: until then an accelerator is never waited for."""


@dataclass(frozen=True)
class EpochResult:
    """An epoch that was trained: its phase and number, from 0, mean loss in nats, accuracy in 0..1, rates and time."""

    phase: int
    epoch: int
    loss: float
    accuracy: float
    images: int
    seconds: float
    images_per_second: float
    head_rate: float
    block_rate: float
    validation: ValidationMetrics | None


class RestoreVariables(Protocol):
    """Fills variables with those of a checkpoint: all of them or, with ``part``, the first."""

    def __call__(self, variables: list[Any], part: bool = False) -> None: ...


class TrainerCallback(Protocol):
    """Is told of the epochs of a stage, and of the positions at which a checkpoint may be written."""

    def epoch_ended(self, result: EpochResult, position: Position) -> None:
        """Take an epoch's result; training goes on at ``position``."""

    def position_reached(self, position: Position) -> None:
        """Take a position inside an epoch, or between two phases, at which training stands."""

    def is_ended(self, phase: int, epoch: int) -> bool:
        """Tell whether a phase ends before this epoch, or where that is 0 is left out, whatever the plan has."""


@dataclass
class EpochSums:
    """Sums over the steps of an epoch so far: losses, correct answers and seconds; a checkpoint stores these names."""

    loss: float = 0.0
    hits: float = 0.0
    seconds: float = 0.0


class StageTrainer:
    """Trains ``network`` through the phases of ``stage``; it can stop at any position and go on, bit for bit."""

    def __init__(
        self,
        network: Network,
        stage: Stage,
        inputs: StageInputs,
        compute: ComputeOptions | None = None,
        clock: Clock | None = None,
        *,
        stopping: StopSignals | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.network, self.stage, self.inputs = network, stage, inputs
        self.compute, self.clock = compute or ComputeOptions(), clock or Clock()
        self.stopping, self.watcher = stopping or StopSignals(), watcher or NoWatcher()
        with self.clock(BUILDING):
            self.trained, switches = with_switches(network) if self.compute.by_stage else (network, {})
            self.programs = Programs(self.trained, stage, inputs, self.compute, self.clock, switches=switches)
            self.selection = WeightSelection(self.trained, stage)
        self.sums = EpochSums()
        self._phase_program: PhaseProgram | None = None
        self._ahead = 0
        self._components: dict[int, PhaseComponents] = {}

    @property
    def steps(self) -> int:
        """The steps of an epoch."""
        return steps_per_epoch(len(self.inputs.labels), len(self.stage.classes), self.inputs.per_class)

    def variables(self) -> list[Any]:
        """Return all that training changes, in an order that a rebuilt trainer has too: network, draws, optimizer.

        Inside a phase the optimizer is among them, between two phases it is not.
        """
        variables = [*network_variables(self.trained), *self.programs.generators, *self.selection.best_weights]
        if self._phase_program is None:
            return variables
        self._phase_program.program.stepper.sync_variables()
        return [*variables, *self._phase_program.program.optimizer.variables]

    def notes(self) -> dict[str, Any]:
        """Return what :meth:`resume` needs beside :meth:`variables`, as JSON values."""
        return {"sums": asdict(self.sums), "standing": asdict(self.selection.best_epoch)}

    def resume(self, position: Position, notes: dict[str, Any], restore: RestoreVariables) -> None:
        """Take up training at ``position``, with what :meth:`notes` gave there; ``restore`` fills the variables."""
        if position.epoch or position.step:
            # First the network alone: what is kept of its frozen part is computed from it as the phase begins.
            restore(self.variables(), part=True)
            self._begin(position.phase)
        restore(self.variables())
        self.sums, self.selection.best_epoch = EpochSums(**notes["sums"]), BestEpoch(**notes["standing"])

    def train(self, callback: TrainerCallback, start: Position = STAGE_START) -> None:
        """Train what comes after ``start``: the whole stage, or the rest of it after :meth:`resume` with ``start``.

        Raises DermError where the loss is no number any more, or where a frozen block has moved.
        """
        try:
            for number, phase in enumerate(self.stage.phases):
                if number >= start.phase and not callback.is_ended(number, 0):
                    self._phase(phase, start if number == start.phase else Position(start.stage, number), callback)
        finally:
            self.programs.drop_ahead()
        if self.trained is not self.network:
            copy_weights(self.trained, self.network)

    def _phase(self, phase: Phase, start: Position, callback: TrainerCallback) -> None:
        if self._phase_program is None:
            phase_program = self._begin(start.phase)
            self._start_head(start.phase)
        else:
            phase_program = self._phase_program
        hashes = self._frozen_hashes(phase)
        for epoch in range(start.epoch, phase.epochs):
            if self.selection.should_stop(phase.options) or callback.is_ended(start.phase, epoch):
                break
            first = start if epoch == start.epoch else replace(start, epoch=epoch, step=0)
            with self.stopping.deferred():
                self._epoch(phase_program, first, callback)
        self.selection.finish_phase(phase_program, phase.options)
        if self._frozen_hashes(phase) != hashes:
            raise DermError(f"A frozen block moved in phase '{phase.name}' of stage '{self.stage.name}': report this.")
        self._phase_program = None
        callback.position_reached(Position(start.stage, start.phase + 1))

    def components(self, number: int) -> PhaseComponents:
        """Return the components of the phase of a number, built once."""
        if number not in self._components:
            phase = self.stage.phases[number]
            inputs = self.inputs
            self._components[number] = phase_components(
                self.stage, phase, inputs.labels, inputs.components, inputs.answers
            )
        return self._components[number]

    def draw(self, number: int, epoch: int = 0) -> EpochBatches:
        """Return the batches of an epoch of the phase of a number."""
        inputs, progress = self.inputs, epoch / max(self.stage.phases[number].epochs - 1, 1)
        seed, classes = (inputs.seed, number, epoch), len(self.stage.classes)
        return draw_epoch(self.components(number), inputs.labels, classes, inputs.per_class, seed, progress=progress)

    def _begin(self, number: int) -> PhaseProgram:
        """Freeze all but the phase's blocks and start a fresh optimizer, as the paper's recompiling does."""
        self.selection.best_epoch = BestEpoch()
        self.watcher.phase_begun(number)
        phase = self.stage.phases[number]
        self._phase_program = self.programs.program_for(phase, self.components(number))
        self._phase_program.program.begin(phase)
        return self._phase_program

    def _trace_ahead(self, phase_program: PhaseProgram, number: int, callback: TrainerCallback) -> None:
        """Have the program of the phase ``number`` traced, once, while the steps of ``phase_program`` are taken."""
        if self._ahead == number or not self.compute.trace_ahead:
            return
        self._ahead = number
        if number == len(self.stage.phases) or callback.is_ended(number, 0):
            return
        if phase_program.validator is not None:
            with self.clock(COMPILING):
                phase_program.validator.prepare()
        phase = self.stage.phases[number]
        self.programs.trace_ahead(phase, lambda: (self.components(number), self.draw(number)))

    def _start_head(self, number: int) -> None:
        """Let the head begin with a regression where the phase says so; its classes weigh as the phase shows them."""
        inputs, strength = self.inputs, self.stage.phases[number].options.head_start
        if not strength:
            return
        labels, classes, epoch = inputs.labels, len(self.stage.classes), self.draw(number)
        counts = np.bincount(labels, minlength=classes)
        shown = np.bincount(labels[epoch.indices].ravel(), minlength=classes)
        weights = shown / np.maximum(counts, 1) * (counts.sum() / shown.sum())
        with self.clock(FEATURES):
            start_head(
                self.trained,
                [inputs.photographs, *self.programs.augmented_copies(self.stage.phases[number].options)],
                labels,
                weights=weights,
                strength=strength,
                compiled=self.compute.compiled,
            )

    def _epoch(self, phase_program: PhaseProgram, start: Position, callback: TrainerCallback) -> None:
        number, epoch = start.phase, start.epoch
        phase, sums = self.stage.phases[number], self.sums
        batches = self.draw(number, epoch)
        steps, batch = batches.indices.shape
        values = step_values(self.stage.phases, number, self.components(number), steps)[
            epoch * steps : (epoch + 1) * steps
        ]
        epoch_began, steps_timed, stepping = time.monotonic(), 0, self.clock.seconds[STEPPING]
        label = f"{self.stage.name}, {phase.name}, epoch {epoch + 1}/{phase.epochs}"
        with progress_bar(steps, label, note=self.watcher.time_left) as advance:
            advance(start.step)

            def step_taken(step: int) -> None:
                self.watcher.steps_taken(epoch * steps + step)
                advance(1)

            for done, timed in self._steps(phase_program.program, batches, values, start.step, step_taken):
                steps_timed += timed
                if not math.isfinite(sums.loss):
                    raise DermError(
                        f"The loss became '{sums.loss}' in stage '{self.stage.name}', phase '{phase.name}', epoch "
                        f"{epoch + 1}: try learning rates below {phase.head_rate:g} (--head-rate) and "
                        f"{phase.block_rate:g} (--block-rate)."
                    )
                if done < steps:
                    sums.seconds, epoch_began = sums.seconds + time.monotonic() - epoch_began, time.monotonic()
                    callback.position_reached(replace(start, step=done))
                self._trace_ahead(phase_program, number + 1, callback)
        phase_program.program.stepper.sync_variables()
        stepping_seconds = self.clock.seconds[STEPPING] - stepping
        with self.clock(VALIDATING):
            metrics = self.selection.validate(phase_program, phase.options)
        factor = float(values[-1, 0])
        result = EpochResult(
            phase=number,
            epoch=epoch,
            loss=sums.loss / steps,
            accuracy=sums.hits / batches.indices.size,
            images=batches.indices.size,
            seconds=sums.seconds + time.monotonic() - epoch_began,
            images_per_second=steps_timed * batch / stepping_seconds if stepping_seconds else 0.0,
            head_rate=phase.head_rate * factor,
            block_rate=phase.block_rate * factor,
            validation=metrics,
        )
        self.sums = EpochSums()
        callback.epoch_ended(result, replace(start, epoch=epoch + 1, step=0))

    def _steps(
        self,
        program: Program,
        batches: EpochBatches,
        values: npt.NDArray[np.float32],
        first: int,
        step_taken: Callable[[int], object],
    ) -> Iterator[tuple[int, int]]:
        """Take the steps of an epoch from ``first`` on; yield now and then how many are done, and how many were timed.

        ``step_taken`` is called after each, with the number of those of the epoch so far; an accelerator may be at work
        on it still.  Losses are added one by one, so their sum does not depend on where an epoch was interrupted.
        After a signal that ends the training the next step is the last.
        """
        pending: list[Any] = []
        started, steps = time.monotonic(), len(batches.indices)
        for step, rows in program.feed.rows(batches.indices, first, program.stepper.sync_variables):
            inputs, targets = batches.inputs(step, rows), batches.targets[step]
            compiling = not program.compiled
            if compiling:
                with self.clock(COMPILING):
                    program.compile(inputs, targets)
                    pending = [self._fetch(program.stepper.step(inputs, targets, values[step]))]
                started = time.monotonic()
            else:
                pending.append(program.stepper.step(inputs, targets, values[step]))
            step_taken(step + 1)
            is_stopping = self.stopping.noted is not None
            if compiling or is_stopping or len(pending) == STEPS_AT_ONCE or step + 1 == steps:
                for each in pending:
                    loss, hits = self._fetch(each)
                    self.sums.loss += loss
                    self.sums.hits += hits
                if not compiling:
                    self.clock.seconds[STEPPING] += time.monotonic() - started
                yield step + 1, 0 if compiling else len(pending)
                pending, started = [], time.monotonic()

    @staticmethod
    def _fetch(step_result: Any) -> tuple[float, float]:
        loss, hits = step_result
        return float(loss), float(hits)

    def _frozen_hashes(self, phase: Phase) -> dict[str, str]:
        """Return the hash of each frozen block, weights and BatchNorm statistics alike."""
        if not self.compute.frozen_check:
            return {}
        return frozen_hashes(self.trained, {HEAD, *phase.blocks})
