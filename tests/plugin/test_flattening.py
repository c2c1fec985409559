"""Models inside a network are taken apart, and it computes what it did."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.engine import backend
from derm_cli.engine.reading import build_flat
from derm_cli.errors import DermError
from derm_cli.plugin import BackboneSpec, Block

backend.start()

import keras  # noqa: E402
from keras import layers  # noqa: E402

from derm_cli.plugin.flattening import flattened  # noqa: E402


def nested(size=8, weights=None):
    """Return a network with a model inside a model inside it, and two layers named ``conv``."""
    deep = keras.Sequential([layers.Conv2D(4, 3, name="conv"), layers.BatchNormalization(name="norm")], name="deep")
    entry = keras.Input((size, size, 4))
    sides = [deep(entry), layers.Cropping2D(1, name="crop")(entry)]
    inner = keras.Model(entry, layers.ReLU(name="relu")(layers.Add(name="add")(sides)), name="inner")
    entry = keras.Input((size, size, 3), name="image")
    flow = layers.Conv2D(4, 1, name="conv")(layers.Rescaling(1 / 255, name="scale")(entry))
    model = keras.Model(entry, layers.Conv2D(2, 1, name="top")(inner(flow)), name="whole")
    generator = np.random.default_rng(1)
    for variable in model.weights:
        variable.assign(generator.uniform(0.1, 1.0, variable.shape))
    return model


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (nested, ["image", "scale", "conv", "deep_conv", "norm", "crop", "add", "relu", "top"]),
        (lambda: keras.Sequential([keras.Input((8, 8, 3)), layers.ReLU(name="only")]), None),
    ],
)
def test_a_network_is_flat_and_gives_the_same(tmp_path, make, names):
    model = make()
    photographs = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype("float32")
    expected = model.predict(photographs, verbose=0)
    flat = flattened(model)
    if names is None:
        assert flat is model
        return
    assert [layer.name for layer in flat.layers] == names
    assert np.array_equal(flat.predict(photographs, verbose=0), expected)
    # Each layer is in this network alone, so that its output is known.
    assert flat.get_layer("deep_conv").output.shape == (None, 6, 6, 4)
    flat.save(tmp_path / "flat.keras")
    loaded = keras.saving.load_model(tmp_path / "flat.keras", compile=False)
    assert np.array_equal(loaded.predict(photographs, verbose=0), expected)


def test_blocks_of_a_backbone_are_of_layers_that_were_inside_another_model():
    blocks = (Block(name="inner", layers=("deep_*", "norm")),)
    spec = BackboneSpec(name="x", title="X", parameters=1, input_size=8, build=nested, blocks=blocks)
    assert {"deep_conv", "norm"} <= {layer.name for layer in build_flat(spec, 8, None).layers}


class Own(layers.Layer):
    """A layer that cannot be made anew."""

    def call(self, photographs):
        return photographs

    def get_config(self):
        raise NotImplementedError("ask its author")


def test_a_model_that_cannot_be_taken_apart_is_told_of():
    def build(size, weights):
        entry = keras.Input((size, size, 3))
        return keras.Model(entry, keras.Sequential([entry, Own(name="own")], name="inner")(entry))

    blocks = (Block(name="inner", layers=("own",)),)
    spec = BackboneSpec(name="x", title="X", parameters=1, input_size=8, build=build, blocks=blocks)
    with pytest.raises(DermError, match=r"Backbone 'x' gives a network with a model inside that cannot be taken apart"):
        build_flat(spec, 8, None)
