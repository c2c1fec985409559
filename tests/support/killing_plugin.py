"""A plugin with a small backbone, for what any backbone shows; it ends its process where that is asked."""

from __future__ import annotations

from pathlib import Path

PLUGIN = '''
"""A backbone of three small blocks, and a process that ends itself before the REPLACES-th file of a run is in place."""

import os
import signal
from pathlib import Path

import numpy as np
from derm_cli.plugin import BackboneSpec, Block, WeightSource, hookimpl

WEIGHTS = WeightSource(name="imagenet", licence="CC0 1.0", file="none", address="https://example.org/none")


def build(size, weights):
    import keras
    from keras import layers

    entry = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(entry)
    for name in ("stem", "block1", "block2"):
        x = layers.Conv2D(8, 3, strides=2, padding="same", name=f"{name}_conv")(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.Dropout(0.2, name=f"{name}_drop")(x)
    model = keras.Model(entry, x)
    if weights is not None:
        draw = np.random.default_rng(0)
        model.set_weights([draw.normal(0, 0.3, each.shape) if each.ndim > 1 else each for each in model.get_weights()])
    return model


@hookimpl
def derm_backbones():
    blocks = tuple(Block(name=name, layers=(f"{name}_*",)) for name in ("block2", "block1"))
    facts = {"title": "Tiny", "parameters": 1, "input_size": 32, "weights": (WEIGHTS,)}
    return [BackboneSpec(name="tiny", build=build, blocks=blocks, **facts)]


replace, passed = Path.replace, 0


def replace_or_die(path, target):
    global passed
    if os.environ["DERM_RUNS"] in str(target):
        if passed == int(os.environ["REPLACES"]):
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1
    return replace(path, target)


if "REPLACES" in os.environ:
    Path.replace = replace_or_die
'''


LAYERS = '("stem", "block1", "block2")'
"""The convolutions of the backbone, each of which halves the side."""


MODULE = "killing"


def install_plugin(folder: Path, layers: str = LAYERS) -> Path:
    """Write the plugin into ``folder`` as if pip had; return the folder, which is to be on the path of Python."""
    (folder / f"{MODULE}.py").write_text(PLUGIN.replace(LAYERS, layers))
    described = folder / "killing-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: killing\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[derm]\nkilling = killing\n")
    return folder
