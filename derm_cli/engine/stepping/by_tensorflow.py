"""The training step under TensorFlow: a graph, compiled by XLA where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from derm_cli.engine.stepping import STEP_VALUES, Batch, loss_and_hits, set_step_values
from derm_cli.plugin import Loss


def set_defaults() -> None:
    """See :func:`derm_cli.engine.stepping.set_defaults`: of TensorFlow there are none."""


class Stepper:
    """See :class:`derm_cli.engine.stepping.Stepper`."""

    def __init__(self, model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: Loss, compiled: bool) -> None:
        variables = model.trainable_variables

        def step(inputs: Any, targets: Any, values: Any) -> Any:
            set_step_values(optimizer, values)
            # A tape watches what was once made trainable, frozen or not, and traces a backward pass down to the stem.
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                for variable in variables:
                    tape.watch(variable.value)
                mean, hits = loss_and_hits(loss, targets, model(inputs, training=True), values)
                scaled = optimizer.scale_loss(mean)
            optimizer.apply(tape.gradient(scaled, variables), variables)
            return mean, hits

        self._by_xla = compiled
        self._traced = tf.function(step, jit_compile=compiled, autograph=False)
        self._step: Any = self._traced

    def trace(self, inputs: Batch, targets: np.ndarray[Any, Any]) -> None:
        """Trace the graph."""
        specs = [_spec(each) for each in inputs], _spec(targets), tf.TensorSpec((STEP_VALUES,), tf.float32)
        self._step = self._traced.get_concrete_function(*specs)
        self._specs = tf.nest.flatten(specs)

    def compile(self) -> None:
        """Have TensorFlow optimize the graph and make its kernels, which it does where a function is called.

        The call is cancelled before it begins: so its first step is not taken, and no variable is touched.  XLA, and a
        TensorFlow that has no such call, do all that at the first step.
        """
        if not self._by_xla and _cancels_calls():
            _call_cancelled(self._step, [tf.zeros(each.shape, each.dtype) for each in self._specs])

    def step(self, inputs: Batch, targets: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> Sequence[Any]:
        """Take a step."""
        return self._step([tf.constant(each) for each in inputs], tf.constant(targets), tf.constant(values))  # type: ignore[no-any-return]

    def sync_variables(self) -> None:
        """Do nothing: every step leaves its result in the variables."""


class Forward:
    """See :class:`derm_cli.engine.stepping.Forward`."""

    def __init__(self, model: keras.Model, compiled: bool) -> None:
        self._traced = tf.function(
            lambda inputs: keras.tree.flatten(model(inputs, training=False)), jit_compile=compiled, autograph=False
        )
        self._call: Any = None

    def trace(self, *inputs: np.ndarray[Any, Any]) -> None:
        """Trace the graph, where it was not."""
        if self._call is None:
            self._call = self._traced.get_concrete_function([_spec(each) for each in inputs])

    def __call__(self, *inputs: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        """Return the model's outputs.  Every call must have inputs of the first one's shapes."""
        self.trace(*inputs)
        return [np.asarray(each) for each in self._call([tf.constant(each) for each in inputs])]


def _call_cancelled(function: Any, inputs: Sequence[Any]) -> bool:
    """Call a traced function by a call that was cancelled before it began; tell whether it ended so."""
    from tensorflow.python.eager import cancellation, execute
    from tensorflow.python.eager import context as eager_context

    never = cancellation.CancellationManager()
    never.start_cancel()
    options = eager_context.context().function_call_options.as_attrs()
    try:
        # A CancellationManager's own way to call a function would cancel those of other threads too.
        execute.execute_with_cancellation(
            function.function_def.signature.name,
            num_outputs=len(function.outputs),
            inputs=[*inputs, *function.captured_inputs],
            attrs=tuple(chain.from_iterable(options.items())),
            ctx=eager_context.context(),
            cancellation_manager=never,
        )
    except tf.errors.CancelledError:
        return True
    return False


@cache
def _cancels_calls() -> bool:
    """Tell whether this TensorFlow has such calls, and runs nothing of them: they are no part of its public face."""
    counter = tf.Variable(0)
    counted = tf.function(lambda: counter.assign_add(1), autograph=False).get_concrete_function()
    try:
        return _call_cancelled(counted, ()) and int(counter) == 0
    except Exception:
        return False


def memory() -> dict[str, int]:
    """Return ``limit`` and ``peak`` of the first accelerator's memory in bytes, where known."""
    devices = tf.config.list_logical_devices("GPU")
    if not devices:
        return {}
    stats = tf.config.experimental.get_memory_info(devices[0].name.removeprefix("/device:"))
    return {"peak": int(stats["peak"])}


def accelerator() -> str | None:
    """Return the kind of the first accelerator."""
    gpus = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")) if gpus else None


def _spec(array: np.ndarray[Any, Any]) -> tf.TensorSpec:
    return tf.TensorSpec(array.shape, array.dtype)
