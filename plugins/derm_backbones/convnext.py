"""ConvNeXt-Tiny (Liu et al. 2022) of keras.applications, laid flat: there, stem and downsampling are models inside.

Each layer is one of Keras's own.  LayerScale, which keras.applications adds as a class of its own that no saved model
can be loaded with, is a depthwise 1x1 convolution here: it multiplies each channel by a number, no more.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from derm_backbones import weights as sources
from derm_backbones.weight_files import load_weights

_DEPTHS = (3, 3, 9, 3)
_FILTERS = (96, 192, 384, 768)
_EPSILON = 1e-6
_LAYER_SCALE = 1e-6
_MEAN = np.array([0.485, 0.456, 0.406])
_STDDEV = np.array([0.229, 0.224, 0.225])


def convnext_tiny(size: int, weights: str | None) -> keras.Model:
    """Build the network: float32 RGB 0..255 (n, size, size, 3) in, feature map (n, size/32, size/32, 768) out.

    Raises DermError where the weights cannot be had.
    """
    entry = keras.Input((size, size, 3), name="image")
    scale = 1.0 / (255.0 * _STDDEV)
    flow = layers.Rescaling(scale.tolist(), offset=(-_MEAN / _STDDEV).tolist(), name="rescaling")(entry)
    for stage, (depth, filters) in enumerate(zip(_DEPTHS, _FILTERS, strict=True)):
        if stage == 0:
            flow = layers.Conv2D(filters, 4, strides=4, name="stem_conv")(flow)
            flow = _normalised(flow, "stem_layernorm")
        else:
            flow = _normalised(flow, f"downsampling_layernorm_{stage - 1}")
            flow = layers.Conv2D(filters, 2, strides=2, name=f"downsampling_conv_{stage - 1}")(flow)
        for block in range(depth):
            flow = _block(flow, f"stage_{stage}_block_{block}", filters)
    model = keras.Model(entry, _normalised(flow, "top_layernorm"), name="convnext-tiny")
    if weights is not None:
        _load(model, size)
    return model


def _normalised(flow: Any, name: str) -> Any:
    return layers.LayerNormalization(epsilon=_EPSILON, name=name)(flow)


def _block(entry: Any, name: str, filters: int) -> Any:
    """A block of the paper's figure 4, its layers named as keras.applications names them."""
    flow = layers.DepthwiseConv2D(7, padding="same", name=f"{name}_depthwise_conv")(entry)
    flow = _normalised(flow, f"{name}_layernorm")
    flow = layers.Conv2D(4 * filters, 1, name=f"{name}_pointwise_conv_1")(flow)
    flow = layers.Activation("gelu", name=f"{name}_gelu")(flow)
    flow = layers.Conv2D(filters, 1, name=f"{name}_pointwise_conv_2")(flow)
    start = keras.initializers.Constant(_LAYER_SCALE)
    scaling = layers.DepthwiseConv2D(1, use_bias=False, depthwise_initializer=start, name=f"{name}_layer_scale")
    return layers.Add(name=f"{name}_add")([entry, scaling(flow)])


def _load(model: keras.Model, size: int) -> None:
    """Give ``model`` the weights of Keras's file: read by Keras's own network, and taken from there layer by layer."""
    original = keras.applications.ConvNeXtTiny(
        include_top=False, weights=None, input_shape=(size, size, 3), include_preprocessing=False
    )
    load_weights(original, "convnext-tiny", sources.CONVNEXT_TINY)
    inner = {each.name: each for layer in original.layers for each in getattr(layer, "layers", (layer,))}
    for layer in model.layers:
        if layer.weights:
            name = f"{original.name}_{layer.name}"
            # Keras numbers its last layer, which has no name.
            source = original.layers[-1] if layer.name == "top_layernorm" else inner[name]
            values = zip(source.get_weights(), layer.get_weights(), strict=True)
            layer.set_weights([_as_shaped(value, wanted.shape) for value, wanted in values])


def _as_shaped(value: npt.NDArray[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Return Keras's weight in the ``shape`` it has here.

    A grouped kernel, (7, 7, 1, n), is a depthwise one, (7, 7, n, 1); a Dense kernel, (m, n), one of 1x1, (1, 1, m, n);
    a factor of each channel, (n,), a depthwise one, (1, 1, n, 1).  None of them moves a number.
    """
    return value.reshape(shape)
