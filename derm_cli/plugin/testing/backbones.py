"""Holds a backbone to its contract: its shapes, its blocks, its scaling, and that it can be saved."""

from __future__ import annotations

import tempfile
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin.keras_models import read_keras_model

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin.specs import BackboneSpec


def check_backbone(spec: BackboneSpec, size: int = 64) -> keras.Model:
    """Build the backbone with random weights for photographs of ``size`` pixels and return it.

    Raises AssertionError where it is not flat, has a Lambda layer, takes or gives other shapes than it should, has a
    pattern that matches no layer or a layer that is in two blocks, has blocks that are not listed from the top, has no
    scaling before its first kernel, or is not the same after being saved and loaded.
    """
    model = spec.build(size, None)
    _check_shapes(model, size)
    _check_blocks(model, spec)
    _check_scaling(model)
    _check_saving(model, size)
    return model


def _check_shapes(model: keras.Model, size: int) -> None:
    import keras

    for layer in model.layers:
        assert not isinstance(layer, keras.Model), f"layer '{layer.name}' is a model inside the model"
        assert not isinstance(layer, keras.layers.Lambda), f"layer '{layer.name}' is a Lambda layer"
    for name, tensor in (("input", model.input), ("output", model.output)):
        assert keras.utils.is_keras_tensor(tensor), f"the {name} is a {type(tensor).__name__}, not one tensor"
    assert model.input.shape == (None, size, size, 3), f"the input has the shape {model.input.shape}"
    assert model.input.dtype == "float32", f"the input has the dtype {model.input.dtype}"
    assert len(model.output.shape) == 4, f"the output has the shape {model.output.shape}, and is no feature map"


def _check_blocks(model: keras.Model, spec: BackboneSpec) -> None:
    depths = []
    blocks: dict[str, str] = {}
    for block in spec.blocks:
        indices = set()
        for pattern in block.layers:
            matches = {index for index, layer in enumerate(model.layers) if fnmatchcase(layer.name, pattern)}
            assert matches, f"the pattern '{pattern}' of block '{block.name}' matches no layer"
            indices |= matches
        assert indices, f"block '{block.name}' has no pattern"
        for name in (model.layers[index].name for index in indices):
            assert name not in blocks, f"layer '{name}' is in the blocks '{blocks[name]}' and '{block.name}'"
            blocks[name] = block.name
        depths.append(min(indices))
    assert depths == sorted(depths, reverse=True), "the blocks are not listed from the top"


def _check_scaling(model: keras.Model) -> None:
    """Something must stand between the photographs and the first kernel that learns; what it computes is its own."""
    import keras

    scaled = False
    for operation in model.operations:
        if any(len(weight.shape) > 1 for weight in getattr(operation, "trainable_weights", ())):
            assert scaled, f"nothing scales the photographs before the layer '{operation.name}'"
            return
        scaled |= not isinstance(operation, keras.layers.InputLayer | keras.layers.ZeroPadding2D)


def _check_saving(model: keras.Model, size: int) -> None:
    import numpy as np

    photographs = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    features = model.predict(photographs, verbose=0)
    assert np.isfinite(features).all(), "the features of raw photographs are not finite"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        reloaded = read_keras_model(path).predict(photographs, verbose=0)
    assert np.array_equal(features, reloaded), "the features differ after saving and loading"
