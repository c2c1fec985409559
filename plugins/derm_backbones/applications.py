"""The networks of keras.applications as derm wants them: flat, with raw RGB in and the scaling inside."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from derm_backbones import weights as sources
from derm_backbones.weight_files import load_weights

_STDDEV = np.array([0.229, 0.224, 0.225])
_MEAN = np.array([0.485, 0.456, 0.406])
_CAFFE_MEAN = [123.68, 116.779, 103.939]


def effnet_b3(size: int, weights: str | None) -> keras.Model:
    """EfficientNet-B3 (Tan and Le 2019), feature map (n, size/32, size/32, 1536).

    keras.applications scales by a Normalization layer, whose mean and variance come with the weights, and, for
    ImageNet weights alone, by 1/sqrt(stddev) after it.  Both are folded into one Rescaling, so that the network is the
    same with and without weights.  The drop-connect of keras.applications stays: Dropout layers, each with a seed
    generator.  Raises DermError where the weights cannot be had.
    """
    entry = keras.Input((size, size, 3), name="image")
    original = keras.applications.EfficientNetB3(include_top=False, weights=None, input_tensor=entry)
    original = keras.Model(entry, original.output, name=original.name)
    normalization = next(layer for layer in original.layers if isinstance(layer, layers.Normalization))
    mean, variance = _MEAN, _STDDEV
    if weights is not None:
        load_weights(original, "effnet-b3", sources.EFFNET_B3)
        mean, variance = (np.asarray(value, dtype=np.float64) for value in normalization.get_weights()[:2])
    scale = 1.0 / np.sqrt(variance) / np.sqrt(_STDDEV)

    def renamed(layer: keras.Layer) -> keras.Layer:
        if layer is normalization:
            return layers.Rescaling(scale.tolist(), offset=(-mean * scale).tolist(), name="normalization")
        # Keras numbers its unnamed layers; a network must have the same names however many were built before it.
        name = "rescaling" if isinstance(layer, layers.Rescaling) else layer.name
        return layer.__class__.from_config({**layer.get_config(), "name": name})

    model = keras.models.clone_model(original, clone_function=renamed)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(original.get_layer(layer.name).get_weights())
    return model


def effnet_v2_b0(size: int, weights: str | None) -> keras.Model:
    """EfficientNetV2-B0 (Tan and Le 2021), feature map (n, size/32, size/32, 1280).

    Scales by ImageNet's means and deviations, as keras.applications does for the B sizes; its drop-connect stays.
    Raises DermError where the weights cannot be had.
    """
    entry = keras.Input((size, size, 3), name="image")
    scale = 1.0 / (255.0 * _STDDEV)
    scaled = layers.Rescaling(scale.tolist(), offset=(-_MEAN / _STDDEV).tolist(), name="rescaling")(entry)
    model = keras.applications.EfficientNetV2B0(
        include_top=False, weights=None, input_tensor=scaled, include_preprocessing=False
    )
    model = keras.Model(entry, model.output, name=model.name)
    if weights is not None:
        load_weights(model, "effnet-v2-b0", sources.EFFNET_V2_B0)
    return model


def mobilenet_v2(size: int, weights: str | None) -> keras.Model:
    """MobileNetV2 (Sandler et al. 2018), feature map (n, size/32, size/32, 1280); scales to -1..1.

    Raises DermError where the weights cannot be had.
    """
    entry = keras.Input((size, size, 3), name="image")
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(entry)
    model = keras.applications.MobileNetV2(include_top=False, weights=None, input_tensor=scaled)
    model = keras.Model(entry, model.output, name=model.name)
    if weights is not None:
        load_weights(model, "mobilenet-v2", sources.MOBILENET_V2)
    return model


def resnet50(size: int, weights: str | None) -> keras.Model:
    """ResNet50 (He et al. 2016), feature map (n, size/32, size/32, 2048).

    The weights are for BGR less the mean; here the mean is taken off RGB, and the stem's kernel is turned instead.
    Raises DermError where the weights cannot be had.
    """
    entry = keras.Input((size, size, 3), name="image")
    centred = layers.Rescaling(1.0, offset=[-mean for mean in _CAFFE_MEAN], name="rescaling")(entry)
    model = keras.applications.ResNet50(include_top=False, weights=None, input_tensor=centred)
    model = keras.Model(entry, model.output, name=model.name)
    if weights is not None:
        load_weights(model, "resnet50", sources.RESNET50)
        stem = model.get_layer("conv1_conv")
        kernel, *rest = stem.get_weights()
        stem.set_weights([kernel[:, :, ::-1, :], *rest])
    return model
