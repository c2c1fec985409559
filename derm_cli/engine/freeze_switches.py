"""Layers that freeze by a value, so that one compiled program serves every phase of a stage.

A layer's ``trainable`` is part of a program: to change it is to compile again.  On an accelerator that costs far more
than the backward pass it saves (docs/explanation/engine.md), so there BatchNorm and dropout are replaced by layers
that ask a switch.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class SwitchedBatchNormalization(keras.layers.BatchNormalization):
    """BatchNorm (Ioffe and Szegedy 2015) in inference mode, statistics unmoved, where its :attr:`switch` is 0."""

    switch: Any = None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize by the batch where the switch is 1, else by the moving statistics."""
        if not training or not self.trainable:
            return super().call(inputs, training=False, mask=mask)
        on = ops.convert_to_tensor(self.switch) > 0
        pixels = ops.cast(inputs, "float32")
        mean, variance = ops.moments(pixels, axes=self._reduction_axes)
        statistics = []
        for statistic, batch_statistic in ((self.moving_mean, mean), (self.moving_variance, variance)):
            before = ops.convert_to_tensor(statistic)
            statistics.append(ops.where(on, batch_statistic, before))
            average = before * self.momentum + batch_statistic * (1.0 - self.momentum)
            statistic.assign(ops.where(on, ops.stop_gradient(average), before))
        normalized = ops.batch_normalization(
            pixels, *statistics, axis=self.axis, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )
        return ops.cast(normalized, self.compute_dtype)


class SwitchedDropout(keras.layers.Layer):
    """Dropout (Srivastava et al. 2014) that drops nothing where its :attr:`switch` is 0."""

    switch: Any = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(name=settings["name"], dtype=settings["dtype"])
        # Held and not inherited: Keras closes a dropout layer to further variables, such as a switch, as it is made.
        self._dropout = keras.layers.Dropout(**settings)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop where the switch is 1."""
        dropped = self._dropout(inputs, training=training)
        return ops.where(ops.convert_to_tensor(self.switch) > 0, dropped, inputs) if training else dropped


_SWITCHED = {
    keras.layers.BatchNormalization: SwitchedBatchNormalization,
    keras.layers.Dropout: SwitchedDropout,
}


def can_switch(layer: keras.layers.Layer) -> bool:
    """Tell whether a layer is the same in training and in inference, or has a switched twin."""
    if getattr(layer, "renorm", False):
        return False
    return type(layer) in _SWITCHED or not getattr(layer, "_call_has_training_arg", False)


def switched(layer: keras.layers.Layer, switch: Any) -> keras.layers.Layer:
    """Return a copy of ``layer``, without its weights, that freezes where the variable ``switch`` is 0."""
    twin: Any = _SWITCHED.get(type(layer))
    copy = (twin or type(layer)).from_config(layer.get_config())
    if twin:
        copy.switch = switch
    return copy
