"""A copy of a flat model, with its weights, that reads something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras


def copied_model(
    model: keras.Model,
    entry: Any,
    reads: Any = None,
    changed: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> keras.Model:
    """Return a copy of ``model``, which has one input, that takes ``entry``, an input tensor, with the same weights.

    Its layers read ``reads``, a tensor that is computed from ``entry``, in the place of the model's input; ``entry``
    itself where that is None.  ``changed`` gives the configuration of each layer from that of the model's.
    """

    def copy(layer: keras.Layer) -> keras.Layer:
        return type(layer).from_config(changed(layer.get_config()))

    def call(layer: keras.Layer, *inputs: Any, **options: Any) -> Any:
        read = keras.tree.map_structure(lambda each: reads if reads is not None and each is entry else each, inputs)
        return layer(*read, **options)

    output = keras.models.clone_model(model, input_tensors=entry, clone_function=copy, call_function=call).output
    copied = keras.Model(entry, output)
    copied.set_weights(model.get_weights())
    return copied
