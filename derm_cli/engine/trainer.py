"""Training a network through the phases of one stage."""

from __future__ import annotations

import hashlib
import math
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.console import progress_bar
from derm_cli.engine import stepping
from derm_cli.engine.augmentation import Augment
from derm_cli.engine.batches import Draw, draw, steps_per_epoch
from derm_cli.engine.clock import BUILDING, COMPILING, FEATURES, STEPPING, VALIDATING, Clock
from derm_cli.engine.cutting import cut
from derm_cli.engine.features import bytes_kept, features_of
from derm_cli.engine.feeding import CPU_RESIDENT_BYTES, WINDOW_BYTES, Feed, PhotographSource
from derm_cli.engine.network import Network, carry_weights, own_variables, value_of, with_switches
from derm_cli.engine.optimizer import annealing_at
from derm_cli.engine.program import Front, Program
from derm_cli.engine.regularizing import ChannelDropout, Mix
from derm_cli.engine.validating import Seen, Validation, Validator
from derm_cli.errors import DermError
from derm_cli.plan import Augmentation, Phase, Stage
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
class Epoch:
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
    seen: Seen | None
    memory_bytes: int
    device_memory_bytes: int | None


@dataclass(frozen=True)
class Means:
    """What the engine computes with: settled, where a plan may leave it to the machine.

    ``by_stage`` compiles one program for all phases of a stage; ``half`` scales the loss for float16; ``compiled`` asks
    for XLA; ``resident_bytes`` is what a stage's photographs, or features kept, may take to be in the device's memory
    whole.
    """

    by_stage: bool = False
    half: bool = False
    compiled: bool = False
    frozen_check: bool = True
    resident_bytes: int = CPU_RESIDENT_BYTES
    window_bytes: int = WINDOW_BYTES


@dataclass(frozen=True)
class Lesson:
    """What a stage learns from, and how: everything that its bits depend on beside the network and the plan's stage.

    ``labels``, int32 (n,), are places in the stage's class list.  ``seed`` differs by stage.
    ``norm_momentum`` is that of the plan.
    """

    photographs: PhotographSource
    labels: npt.NDArray[np.int32]
    per_class: int
    augmentation: Augmentation | None
    seed: int
    norm_momentum: float
    validation: Validation | None = None


class Witness(Protocol):
    """Who is told how a stage goes, and may write a checkpoint then."""

    def epoch_ended(self, epoch: Epoch, place: Place) -> None:
        """Hear of an epoch; training goes on at ``place``."""

    def passed(self, place: Place) -> None:
        """Hear that a place inside an epoch, or between two phases, was passed."""


@dataclass
class Standing:
    """What of a phase is in no variable: the running epoch's sums, and how validation went so far."""

    loss: float = 0.0
    hits: float = 0.0
    seconds: float = 0.0
    best: float | None = None
    best_epoch: int = -1
    waited: int = 0


class StageTrainer:
    """Trains ``network`` through the phases of ``stage``; it can stop at any :class:`Place` and go on, bit for bit."""

    def __init__(
        self, network: Network, stage: Stage, lesson: Lesson, means: Means | None = None, clock: Clock | None = None
    ) -> None:
        self.network, self.stage, self.lesson = network, stage, lesson
        self.means, self.clock = means or Means(), clock or Clock()
        self.standing = Standing()
        self._switches: dict[str, Any] = {}
        self.trained = network
        self._seconds_before = 0.0
        with self.clock(BUILDING):
            if self.means.by_stage:
                self.trained, self._switches = with_switches(network)
            self._augment = Augment(lesson.augmentation, lesson.seed, name="augment") if lesson.augmentation else None
            self._dropouts = {
                rate: ChannelDropout(rate, seed=lesson.seed, dtype="float32")
                for rate in sorted({phase.options.dropout for phase in stage.phases} - {0.0})
            }
            own = own_variables(self.trained) if any(phase.options.best_epoch for phase in stage.phases) else []
            self._best = [keras.Variable(value_of(each), trainable=False, dtype=each.dtype) for each in own]
        self._photographs: Feed | None = None
        self._programs: dict[tuple[object, ...], tuple[Program, Validator | None]] = {}
        self.program: Program | None = None
        self._validator: Validator | None = None

    @property
    def steps(self) -> int:
        """The steps of an epoch."""
        return steps_per_epoch(len(self.lesson.labels), len(self.stage.classes), self.lesson.per_class)

    def variables(self) -> list[Any]:
        """Return all that training changes, in an order that a rebuilt trainer has too: network, draws, optimizer.

        Inside a phase the optimizer is among them, between two phases it is not.
        """
        if self.program is not None:
            self.program.stepper.settle()
        generators = [layer.generator.state for layer in [self._augment] if layer is not None]
        generators += [layer.seed_generator.state for layer in self._dropouts.values()]
        optimizer = list(self.program.optimizer.variables) if self.program is not None else []
        return [*own_variables(self.trained), *generators, *self._best, *optimizer]

    def notes(self) -> dict[str, Any]:
        """Return what :meth:`go_on` needs beside :meth:`variables`, as JSON values."""
        return asdict(self.standing)

    def go_on(self, place: Place, notes: dict[str, Any], restore: Callable[[list[Any]], None]) -> None:
        """Take up training at ``place``, with what :meth:`notes` gave there; ``restore`` fills the variables."""
        if place.epoch or place.step:
            self._begin(place.phase)
        restore(self.variables())
        self.standing = Standing(**notes)

    def train(self, witness: Witness, start: Place | None = None) -> None:
        """Train what comes after ``start``, which :meth:`go_on` was told before; without it, everything.

        Raises DermError where the loss is no number any more, or where a frozen block has moved.
        """
        start = start or Place()
        for number, phase in enumerate(self.stage.phases):
            if number < start.phase:
                continue
            here = start if number == start.phase else Place(number)
            if not (here.epoch or here.step):
                self.standing = Standing()
                self._begin(number)
            frozen = self._frozen(phase)
            for epoch in range(here.epoch, phase.epochs):
                if 0 < phase.options.early_stopping <= self.standing.waited:
                    break
                self._epoch(number, epoch, here.step if epoch == here.epoch else 0, witness)
            self._end(phase)
            if self._frozen(phase) != frozen:
                raise DermError(
                    f"A frozen block moved in phase '{phase.name}' of stage '{self.stage.name}': report this."
                )
            self.program = None
            witness.passed(Place(number + 1))
        if self.trained is not self.network:
            carry_weights(self.trained, self.network)

    def _begin(self, number: int) -> None:
        """Freeze all but the phase's blocks and start a fresh optimizer, as the paper's recompiling does."""
        phase = self.stage.phases[number]
        moving = self._moving(phase)
        options = phase.options
        key = (moving, options.mixup > 0, options.dropout, options.clip_norm, options.ema)
        if key not in self._programs:
            self._programs = dict(self._programs) if self.means.by_stage else {}
            self._programs[key] = self._built(phase, moving)
        self.program, self._validator = self._programs[key]
        self.program.begin(phase, self.steps * phase.epochs)

    def _moving(self, phase: Phase) -> tuple[str, ...]:
        """Return the blocks that the phase's program can move."""
        if not self.means.by_stage:
            return phase.blocks
        wanted = {block for each in self.stage.phases for block in each.blocks}
        return tuple(name for name in self.trained.blocks if name in wanted)

    def _built(self, phase: Phase, moving: tuple[str, ...]) -> tuple[Program, Validator | None]:
        lesson, means = self.lesson, self.means
        batch = len(self.stage.classes) * lesson.per_class
        with self.clock(BUILDING):
            self.trained.unfreeze(moving, lesson.norm_momentum)
            divided = cut(self.trained, moving)
            memory = means.resident_bytes
            mixes = phase.options.mixup > 0
            fixed = self._augment is None and not mixes and divided.fixed
            kept = fixed and bytes_kept(divided, len(lesson.labels)) <= memory
        if kept:
            with self.clock(FEATURES):
                source: PhotographSource = features_of(
                    divided, lesson.photographs, means.compiled, f"Features of {self.stage.name}"
                )
            feed = Feed(source, batch, memory, means.window_bytes, roomy=means.by_stage)
        else:
            with self.clock(BUILDING):
                if self._photographs is None:
                    self._photographs = Feed(
                        lesson.photographs, batch, memory, means.window_bytes, roomy=means.by_stage
                    )
            feed = self._photographs
        with self.clock(BUILDING):
            program = Program(
                divided,
                moving,
                phase,
                feed,
                front=Front((self._augment,) if self._augment is not None else (), Mix() if mixes else None),
                dropout=self._dropouts.get(phase.options.dropout),
                kept=kept,
                switches=self._switches,
                half=means.half,
                compiled=means.compiled,
            )
        if lesson.validation is None:
            return program, None
        with self.clock(FEATURES):
            return program, Validator(divided, lesson.validation, memory, means.compiled)

    def _epoch(self, number: int, epoch: int, first: int, witness: Witness) -> None:
        phase, lesson = self.stage.phases[number], self.lesson
        drawn = draw(
            lesson.labels, len(self.stage.classes), lesson.per_class, phase.options, (lesson.seed, number, epoch)
        )
        began, standing = time.monotonic(), self.standing
        stepping_before, stepped = self.clock.seconds[STEPPING], 0
        with progress_bar(len(drawn.indices), f"{self.stage.name}, {phase.name}, epoch {epoch + 1}") as advance:
            for step, taken in self._steps(drawn, first, standing):
                advance(taken)
                stepped += taken
                if not math.isfinite(standing.loss):
                    raise DermError(
                        f"The loss became '{standing.loss}' in stage '{self.stage.name}', phase '{phase.name}', epoch "
                        f"{epoch + 1}: try learning rates below {phase.head_rate:g} (--head-rate) and "
                        f"{phase.block_rate:g} (--block-rate)."
                    )
                if step + 1 < len(drawn.indices):
                    standing.seconds += time.monotonic() - began
                    began = time.monotonic()
                    witness.passed(Place(number, epoch, step + 1))
        seen = self._look(phase, epoch)
        spent = self.clock.seconds[STEPPING] - stepping_before
        factor = annealing_at(
            self.steps * (epoch + 1) - 1, self.steps * phase.epochs if phase.options.annealing == "cosine" else 0
        )
        images = drawn.indices.size
        ended = Epoch(
            phase=number,
            epoch=epoch,
            loss=standing.loss / len(drawn.indices),
            accuracy=standing.hits / images,
            images=images,
            seconds=standing.seconds + time.monotonic() - began,
            images_per_second=stepped * drawn.indices.shape[1] / spent if spent else 0.0,
            head_rate=phase.head_rate * factor,
            block_rate=phase.block_rate * factor,
            seen=seen,
            memory_bytes=_memory_peak(),
            device_memory_bytes=stepping.memory_peak(),
        )
        standing.loss = standing.hits = standing.seconds = 0.0
        witness.epoch_ended(ended, Place(number, epoch + 1))

    def _steps(self, drawn: Draw, first: int, standing: Standing) -> Iterator[tuple[int, int]]:
        """Take the steps of an epoch from ``first`` on; yield the last one taken, and how many were timed, now and
        then.

        Losses are added one by one, so their sum does not depend on where an epoch was interrupted.
        """
        assert self.program is not None
        program, pending = self.program, 0
        coming: list[Any] = []
        started = time.monotonic()
        for step, places in program.feed.places(drawn.indices, first, program.stepper.settle):
            inputs, targets = drawn.inputs(step, places), drawn.targets[step]
            fresh = not program.compiled
            if fresh:
                with self.clock(COMPILING):
                    program.compile(inputs, targets)
                    coming = [program.stepper.step(inputs, targets)]
                    float(coming[0][0])
                program.compiled = True
                started = time.monotonic()
            else:
                coming.append(program.stepper.step(inputs, targets))
                pending += 1
            if fresh or len(coming) == STEPS_AT_ONCE or step + 1 == len(drawn.indices):
                for loss, hits in coming:
                    standing.loss += float(loss)
                    standing.hits += float(hits)
                self.clock.seconds[STEPPING] += time.monotonic() - started
                coming = []
                yield step, pending
                pending, started = 0, time.monotonic()

    def _look(self, phase: Phase, epoch: int) -> Seen | None:
        """Look at the validation part, with the averaged weights where there are some, and keep the best epoch's."""
        if self._validator is None:
            return None
        assert self.program is not None
        self.program.stepper.settle()
        standing = self.standing
        with self.clock(VALIDATING), self._averaged():
            seen = self._validator.look()
            if standing.best is None or seen.balanced_accuracy > standing.best:
                standing.best, standing.best_epoch, standing.waited = seen.balanced_accuracy, epoch, 0
                if phase.options.best_epoch:
                    for best, variable in zip(self._best, own_variables(self.trained), strict=True):
                        best.assign(value_of(variable))
            else:
                standing.waited += 1
        return seen

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Put the averaged weights into the network for a while."""
        assert self.program is not None
        pairs = self.program.averaged()
        kept = [value_of(variable) for variable, _ in pairs]
        for variable, average in pairs:
            variable.assign(value_of(average))
        try:
            yield
        finally:
            for (variable, _), value in zip(pairs, kept, strict=True):
                variable.assign(value)

    def _end(self, phase: Phase) -> None:
        """Leave the network with the weights that the phase ends with."""
        assert self.program is not None
        self.program.stepper.settle()
        if phase.options.best_epoch and self.standing.best is not None:
            for best, variable in zip(self._best, own_variables(self.trained), strict=True):
                variable.assign(value_of(best))
            return
        for variable, average in self.program.averaged():
            variable.assign(value_of(average))

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


def _memory_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
