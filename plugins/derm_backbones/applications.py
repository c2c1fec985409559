"""The networks of keras.applications as derm wants them: flat, with raw RGB in and the scaling inside."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
from keras import layers

from derm_backbones import specs
from derm_cli.plugin import BackboneSpec, DermError, warn

# MD5, as keras.applications publishes them; MobileNetV2 has none there.
_KNOWN = {
    "efficientnetb3_notop.h5": "af6d107764bb5b1abb91932881670226",
    "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5": "4d473c1dd8becc155b73f8504c6f6626",
}
_STDDEV = np.array([0.229, 0.224, 0.225])
_MEAN = np.array([0.485, 0.456, 0.406])
_CAFFE_MEAN = [123.68, 116.779, 103.939]

_HDF5_SIGNATURE = b"\x89HDF"
# Keras sets no limit, so where a firewall drops what it should refuse, it would wait for minutes.
_PATIENCE_SECONDS = 10.0


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
        _load(original, specs.EFFNET_B3)
        mean, variance = (np.asarray(value, dtype=np.float64) for value in normalization.get_weights()[:2])
    scale = 1.0 / np.sqrt(variance) / np.sqrt(_STDDEV)

    def renewed(layer: keras.Layer) -> keras.Layer:
        if layer is normalization:
            return layers.Rescaling(scale.tolist(), offset=(-mean * scale).tolist(), name="normalization")
        # Keras numbers its unnamed layers; a network must have the same names however many were built before it.
        name = "rescaling" if isinstance(layer, layers.Rescaling) else layer.name
        return layer.__class__.from_config({**layer.get_config(), "name": name})

    model = keras.models.clone_model(original, clone_function=renewed)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(original.get_layer(layer.name).get_weights())
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
        _load(model, specs.MOBILENET_V2)
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
        _load(model, specs.RESNET50)
        stem = model.get_layer("conv1_conv")
        kernel, *rest = stem.get_weights()
        stem.set_weights([kernel[:, :, ::-1, :], *rest])
    return model


def _load(model: keras.Model, spec: BackboneSpec) -> None:
    """Load the file that Keras downloads, layer by layer in order: Keras refuses one that has more, fewer or others."""
    source = spec.weights[0]
    path = _keras_home() / "models" / source.file
    if not path.exists():
        _download(spec, path)
    try:
        _warn_of_others(path)
        model.load_weights(path)
    # h5py and Keras fail in many ways on a file that is damaged or another network's.
    except Exception as error:
        raise DermError(
            f"The weights of '{spec.name}' in '{path}' do not fit ({_first_line(error)}): remove the file and put "
            f"{source.address} in its place."
        ) from error


def _keras_home() -> Path:
    """Return the folder where Keras keeps its files, as it is set now: Keras itself looks when it is imported."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


@cache
def _warn_of_others(path: Path) -> None:
    if path.is_file() and path.name in _KNOWN and _md5(path) != _KNOWN[path.name]:
        warn(f"'{path}' is not the file that Keras publishes (its MD5 differs): its weights are used as they are.")


def _download(spec: BackboneSpec, path: Path) -> None:
    """Let Keras download to a folder beside ``path``, so that there is no file until it is whole."""
    source = spec.weights[0]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Keras reports on standard output, where derm's JSON goes.
        with TemporaryDirectory(dir=path.parent) as folder, redirect_stdout(sys.stderr), _limited_wait():
            downloaded = keras.utils.get_file(
                source.file,
                source.address,
                cache_dir=folder,
                cache_subdir="",
                file_hash=_KNOWN.get(source.file),
                hash_algorithm="md5",
            )
            with Path(downloaded).open("rb") as file:
                if file.read(len(_HDF5_SIGNATURE)) != _HDF5_SIGNATURE:
                    raise ValueError("what came is no HDF5 file")
            Path(downloaded).replace(path)
    # Keras raises a bare Exception where the address cannot be reached.
    except Exception as error:
        raise DermError(
            f"The ImageNet weights of '{spec.name}' cannot be downloaded ({_first_line(error)}): get '{source.file}' "
            f"from {source.address} and put it in the folder '{path.parent}'."
        ) from error


@contextmanager
def _limited_wait() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _first_line(error: Any) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
