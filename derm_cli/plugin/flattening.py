"""A network without models inside it: the layers of such a model stand in its place, with their weights."""

from __future__ import annotations

from typing import Any

import keras


def has_models_inside(model: Any) -> bool:
    """Tell whether a network has a model inside it."""
    return isinstance(model, keras.Model) and any(isinstance(layer, keras.Model) for layer in model.layers)


def flattened(model: keras.Model) -> keras.Model:
    """Return ``model`` with the layers of each model inside it in that one's place, however deep; itself without any.

    Layers keep their names; one inside another model whose name is taken has that model's name before its own, as in
    ``downsampling_conv``.  ``model`` is not to be used any more.
    """
    flat = model
    while inside := [layer for layer in flat.layers if isinstance(layer, keras.Model)]:
        for each in inside:
            _rename(each, {layer.name for layer in flat.layers})
        flat = _clone(flat, lambda layer: layer, _call_inside)
    if flat is model:
        return model
    # The layers of now have their place in a model of before too, by which Keras tells of their outputs.
    copied = _clone(flat, lambda layer: type(layer).from_config(layer.get_config()), _call_inside)
    copied.set_weights(flat.get_weights())
    return copied


def _clone(model: Any, copy: Any, call: Any) -> Any:
    entry = keras.Input(model.input.shape[1:], dtype=model.input.dtype, name=model.layers[0].name)
    cloned = keras.models.clone_model(model, input_tensors=entry, clone_function=copy, call_function=call)
    return keras.Model(entry, cloned.output, name=model.name)


def _call_inside(layer: Any, *inputs: Any, **options: Any) -> Any:
    """Call a layer; of a model inside, call its layers one by one in its place."""
    return layer.call(*inputs, **options) if isinstance(layer, keras.Model) else layer(*inputs, **options)


def _rename(model: Any, taken: set[str]) -> None:
    for layer in model.layers:
        if layer.name in taken:
            layer.name = f"{model.name}_{layer.name}"
