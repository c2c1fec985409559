"""The training step under JAX: one program of XLA from the state before it to the state after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np
from keras import ops

from derm_cli.engine.stepping import STEP_VALUES, Batch, loss_and_hits, set_step_values
from derm_cli.plugin import Loss

DEFAULTS: dict[str, Any] = {
    "jax_enable_x64": False,
    "jax_numpy_dtype_promotion": "standard",
    "jax_numpy_rank_promotion": "allow",
    "jax_default_prng_impl": "threefry2x32",
    "jax_threefry_partitionable": True,
    "jax_disable_jit": False,
}
"""Settings of JAX that change results, or that Keras does not bear."""


def set_defaults() -> None:
    """See :func:`derm_cli.engine.stepping.set_defaults`."""
    for name, value in DEFAULTS.items():
        jax.config.update(name, value)


class Stepper:
    """See :class:`derm_cli.engine.stepping.Stepper`.  XLA is asked for always: JAX has nothing else."""

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: Loss,
        compiled: bool,  # noqa: ARG002
    ) -> None:
        self._variables = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
        self._state: Any = None

        def loss_of(trainable: Any, fixed: Any, optimizer_state: Any, batch: Any, values: Any) -> Any:
            inputs, targets = batch
            logits, fixed = model.stateless_call(trainable, fixed, inputs, training=True)
            mean, hits = loss_and_hits(loss, targets, logits, values)
            with keras.StatelessScope(state_mapping=list(zip(optimizer.variables, optimizer_state, strict=True))):
                scaled = optimizer.scale_loss(mean)
            return scaled, (mean, hits, fixed)

        def step(state: Any, inputs: Any, targets: Any, values: Any) -> Any:
            set_step_values(optimizer, values)
            trainable, fixed, optimizer_state = state
            gradient = jax.grad(loss_of, has_aux=True)
            gradients, (mean, hits, fixed) = gradient(trainable, fixed, optimizer_state, (inputs, targets), values)
            trainable, optimizer_state = optimizer.stateless_apply(optimizer_state, gradients, trainable)
            return (trainable, fixed, optimizer_state), (mean, hits)

        self._step: Any = jax.jit(step, donate_argnums=0)

    def trace(self, inputs: Batch, targets: np.ndarray[Any, Any]) -> None:
        """Trace the program, and leave the variables to Keras."""
        values = np.ones(STEP_VALUES, dtype=np.float32)
        self._step = self._step.lower(self._device_state(), *_to_devices(inputs, targets), values)
        self._state = None

    def compile(self) -> None:
        """Compile the program by XLA, or find it in XLA's cache."""
        self._step = self._step.compile()

    def step(self, inputs: Batch, targets: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> Sequence[Any]:
        """Send a step on its way."""
        self._state, result = self._step(self._device_state(), *_to_devices(inputs, targets), values)
        return result  # type: ignore[no-any-return]

    def sync_variables(self) -> None:
        """Put the state back into the variables of Keras, which have none while steps are taken."""
        if self._state is not None:
            for variables, values in zip(self._variables, self._state, strict=True):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)
            self._state = None

    def _device_state(self) -> Any:
        if self._state is None:
            self._state = tuple([variable.value for variable in variables] for variables in self._variables)
        return self._state


class Forward:
    """See :class:`derm_cli.engine.stepping.Forward`."""

    def __init__(self, model: keras.Model, compiled: bool) -> None:  # noqa: ARG002
        self._model = model

        def call(trainable: Any, fixed: Any, inputs: Any) -> Any:
            outputs, _ = model.stateless_call(trainable, fixed, inputs, training=False)
            return keras.tree.flatten(outputs)

        self._call = jax.jit(call)

    def trace(self, *inputs: np.ndarray[Any, Any]) -> None:
        """Do nothing: JAX traces what is called."""

    def __call__(self, *inputs: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        """Return the model's outputs."""
        state = ([each.value for each in some] for some in _state_of(self._model))
        return [np.asarray(each) for each in self._call(*state, list(inputs))]


def memory() -> dict[str, int]:
    """Return ``limit`` and ``peak`` of the first accelerator's memory in bytes, where known."""
    device = jax.local_devices()[0]
    stats = device.memory_stats() or {} if device.platform != "cpu" else {}
    names = {"limit": "bytes_limit", "peak": "peak_bytes_in_use"}
    return {name: int(stats[key]) for name, key in names.items() if key in stats}


def accelerator() -> str | None:
    """Return the kind of the first accelerator."""
    device = jax.local_devices()[0]
    return None if device.platform == "cpu" else str(device.device_kind)


def _state_of(model: keras.Model) -> tuple[Any, Any]:
    return model.trainable_variables, model.non_trainable_variables


def _to_devices(inputs: Batch, targets: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Put a batch on the devices: each takes its part where there are several."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        return list(map(ops.convert_to_tensor, inputs)), ops.convert_to_tensor(targets)
    placed = [
        jax.device_put(each, distribution.get_data_layout(each.shape).backend_layout) for each in (*inputs, targets)
    ]
    return placed[:-1], placed[-1]
