"""Training a network through the phases of one stage."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.console import progress_bar
from derm_cli.engine import backend
from derm_cli.engine.augmentation import Augment
from derm_cli.engine.batches import balanced_epoch
from derm_cli.engine.feeding import RESIDENT_BYTES, WINDOW_BYTES, Feed, PhotographSource, Resident
from derm_cli.engine.network import Network
from derm_cli.engine.optimizer import TwoRateAdam
from derm_cli.errors import DermError
from derm_cli.plan import Augmentation, Phase, Stage
from derm_cli.plugin import HEAD


@dataclass(frozen=True)
class Epoch:
    """What came of an epoch: its place (phase and epoch, from 0), loss in nats, accuracy in 0..1, seconds, images."""

    phase: int
    epoch: int
    loss: float
    accuracy: float
    images: int
    seconds: float


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
    resident_bytes: int = RESIDENT_BYTES
    window_bytes: int = WINDOW_BYTES


class StageTrainer:
    """Trains ``network`` through the phases of ``stage``; it can stop after any epoch and go on with the same bits."""

    def __init__(self, network: Network, stage: Stage, lesson: Lesson) -> None:
        self.network, self.stage, self.lesson = network, stage, lesson
        per_batch = len(stage.classes) * lesson.per_class
        self.feed = Feed(lesson.photographs, per_batch, lesson.resident_bytes, lesson.window_bytes)
        self.model = self._wire()
        self.optimizer: keras.optimizers.Optimizer | None = None

    def _wire(self) -> keras.Model:
        """Put photographs and augmentation in front of the network."""
        entry = keras.Input((), dtype="int32", name="places")
        flow = self.feed.layer(entry)
        if self.lesson.augmentation is not None:
            flow = Augment(self.lesson.augmentation, self.lesson.seed, name="augment")(flow)
        logits = keras.Model(self.network.model.input, self.network.logits, name="network")
        return keras.Model(entry, logits(flow))

    def variables(self) -> list[Any]:
        """Return all that training changes, in an order that a rebuilt trainer has too: network, draws, optimizer."""
        resident = {
            id(variable) for layer in self.model.layers if isinstance(layer, Resident) for variable in layer.variables
        }
        own = [variable for variable in self.model.variables if id(variable) not in resident]
        return own + (list(self.optimizer.variables) if self.optimizer else [])

    def begin(self, phase: Phase) -> None:
        """Freeze all but the phase's blocks and start a fresh optimizer, as the paper's recompiling does."""
        self.network.unfreeze(phase.blocks, self.lesson.norm_momentum)
        self.optimizer = TwoRateAdam(phase.head_rate, phase.block_rate, self.network.variables(HEAD))
        self.optimizer.build(self.model.trainable_variables)
        self.model.compile(
            optimizer=self.optimizer,
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
            # XLA makes a CPU several times slower than plain graphs (docs/engine.md); Keras's JAX needs it always.
            jit_compile=backend.on_accelerator() or keras.config.backend() == "jax",
        )

    def train(self, done: tuple[int, int], epoch_ended: Callable[[Epoch], None]) -> None:
        """Train what comes after the first ``done`` = (phases, epochs of the next phase).

        Where that is inside a phase, :meth:`begin` was called and :meth:`variables` were restored before.
        ``epoch_ended`` is called after each epoch.  Raises DermError where the loss is no number any more, or where a
        frozen block has moved.
        """
        phases_done, epochs_done = done
        for number, phase in enumerate(self.stage.phases):
            if number < phases_done:
                continue
            first = epochs_done if number == phases_done else 0
            if first == 0:
                self.begin(phase)
            frozen = self._frozen(phase)
            for epoch in range(first, phase.epochs):
                epoch_ended(self._epoch(number, phase, epoch))
            if self._frozen(phase) != frozen:
                raise DermError(
                    f"A frozen block moved in phase '{phase.name}' of stage '{self.stage.name}': report this."
                )

    def _epoch(self, number: int, phase: Phase, epoch: int) -> Epoch:
        lesson = self.lesson
        batches = balanced_epoch(lesson.labels, len(self.stage.classes), lesson.per_class, (lesson.seed, number, epoch))
        started = time.monotonic()
        loss = accuracy = 0.0
        with progress_bar(len(batches), f"{self.stage.name}, {phase.name}, epoch {epoch + 1}") as advance:
            for indices, places in self.feed.windows(batches):
                history = self.model.fit(
                    places.reshape(-1),
                    lesson.labels[indices.reshape(-1)],
                    batch_size=batches.shape[1],
                    shuffle=False,
                    verbose=0,
                    callbacks=[
                        keras.callbacks.TerminateOnNaN(),
                        keras.callbacks.LambdaCallback(on_train_batch_end=lambda *_, **__: advance(1)),
                    ],
                ).history
                loss += history["loss"][-1] * len(indices) / len(batches)
                accuracy += history["accuracy"][-1] * len(indices) / len(batches)
        if not math.isfinite(loss):
            raise DermError(
                f"The loss became '{loss}' in stage '{self.stage.name}', phase '{phase.name}', epoch {epoch + 1}: try "
                f"learning rates below {phase.head_rate:g} (--head-rate) and {phase.block_rate:g} (--block-rate)."
            )
        return Epoch(number, epoch, loss, accuracy, batches.size, time.monotonic() - started)

    def _frozen(self, phase: Phase) -> dict[str, str]:
        """Return a fingerprint of each frozen block, weights and BatchNorm statistics alike."""
        moving = {HEAD, *phase.blocks}
        return {name: _fingerprint(self.network.variables(name)) for name in self.network.blocks if name not in moving}


def _fingerprint(variables: list[Any]) -> str:
    digest = hashlib.sha256()
    for variable in variables:
        digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
    return digest.hexdigest()
