"""One training step and one forward pass, compiled by the backend in use.

Keras leaves gradients to its backends, so this is the one room of the engine that knows them by name.  Its own loop
rather than ``fit``: nothing is fetched from the device between steps, nothing waits at an epoch's end, and what is
compiled is known (docs/explanation/engine.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import keras
import numpy as np

from derm_cli.plugin import Loss

Batch = tuple[np.ndarray[Any, Any], ...]


class Stepper(Protocol):
    """A compiled training step of ``model``, which gives logits, by ``optimizer``, built on its trainable variables."""

    def trace(self, inputs: Batch, targets: np.ndarray[Any, Any]) -> None:
        """Trace the program for batches of these shapes and dtypes; the networks' layers are called here."""

    def compile(self) -> None:
        """Compile what was traced, without taking a step.  May run in a thread of its own."""

    def step(self, inputs: Batch, targets: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> Sequence[Any]:
        """Take a step and return its loss and its number of correct predictions, which may not be computed yet.

        ``targets`` are the shares of each class, float32 (n, classes); ``values`` what the step takes beside its batch,
        float32 (3,) (:func:`derm_cli.engine.components.step_values`).
        """

    def sync_variables(self) -> None:
        """Wait until every step is taken, and leave the result in the variables of Keras."""


class Forward(Protocol):
    """A compiled forward pass of a model in inference mode."""

    def trace(self, *inputs: np.ndarray[Any, Any]) -> None:
        """Trace the program for inputs of these shapes and dtypes, where it was not."""

    def __call__(self, *inputs: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        """Return the model's outputs."""


def make_stepper(model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Loss, compiled: bool) -> Stepper:
    """Return the training step of the backend in use; ``compiled`` asks for XLA where the backend has a choice.

    ``optimizer`` is a BlockOptimizer, or scales the loss of one.
    """
    return _backend_module().Stepper(model, optimizer, loss, compiled)  # type: ignore[no-any-return]


def make_forward(model: keras.Model, compiled: bool) -> Forward:
    """Return the forward pass of the backend in use."""
    return _backend_module().Forward(model, compiled)  # type: ignore[no-any-return]


def set_defaults() -> None:
    """Set what the backend in use computes numbers and draws random ones by to its own defaults.

    They are settings of the whole process, which environment variables and scripts may change, and results with them.
    """
    _backend_module().set_defaults()


def memory_limit() -> int | None:
    """Return the bytes of memory of the first accelerator, None where there is none or it does not tell."""
    return _backend_module().memory().get("limit")  # type: ignore[no-any-return]


def memory_peak() -> int | None:
    """Return the most bytes that were taken of the first accelerator's memory, None where nobody tells."""
    return _backend_module().memory().get("peak")  # type: ignore[no-any-return]


def accelerator() -> str | None:
    """Return the kind of the first accelerator as its maker names it, None where there is none."""
    return _backend_module().accelerator()  # type: ignore[no-any-return]


def _backend_module() -> Any:
    from importlib import import_module

    return import_module(f"derm_cli.engine.stepping.by_{keras.config.backend()}")


STEP_VALUES = 3
"""How many numbers a step takes beside its batch."""


def loss_and_hits(loss: Loss, targets: Any, logits: Any, values: Any) -> tuple[Any, Any]:
    """Return the mean loss in nats of ``logits``, and how many of their largest agree with ``targets``'."""
    from keras import ops

    losses = loss(targets, logits, values[1])
    correct = ops.equal(ops.argmax(targets, axis=-1), ops.argmax(logits, axis=-1))
    return ops.mean(losses), ops.sum(ops.cast(correct, "float32"))


def set_step_values(optimizer: keras.optimizers.Optimizer, values: Any) -> None:
    """Tell the optimizer, or the one whose loss it scales, what the step that is traced takes beside its batch."""
    getattr(optimizer, "inner_optimizer", optimizer).step_values = values
