"""A network small enough to train in a moment, with blocks, BatchNorm and dropout like a real one."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.engine import backend
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import BackboneSpec, Block
from derm_cli.taxonomy import LesionClass

SIZE = 16
CLASSES = tuple(LesionClass(name=name, title=name) for name in "ABC")


def build(size: int, weights: str | None):
    import keras
    from keras import layers

    entry = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(entry)
    for name, filters in (("stem", 4), ("block1", 6), ("block2", 8)):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", name=f"{name}_conv")(x)
        x = layers.BatchNormalization(name=f"{name}_bn", momentum=0.75)(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.Dropout(0.2, name=f"{name}_drop", seed=5)(x)
    return keras.Model(entry, x)


SPEC = BackboneSpec(
    name="tiny",
    title="Tiny",
    parameters=1,
    input_size=SIZE,
    build=build,
    blocks=(Block(name="block2", layers=("block2_*",)), Block(name="block1", layers=("block1_*",))),
)


@pytest.fixture(scope="session")
def tiny():
    return SPEC


@pytest.fixture(scope="session")
def photographs():
    """Made photographs, uint8, whose class is their colour, and their labels."""
    draw = np.random.default_rng(3)
    labels = np.arange(48, dtype=np.int32) % 3
    pixels = draw.integers(0, 120, (48, SIZE, SIZE, 3))
    pixels[np.arange(48), ..., labels] += 100
    return Photographs(((pixels.astype(np.uint8), np.arange(48)),)), labels


@pytest.fixture
def stage():
    def make(blocks=((), ("block2",), ("block2", "block1")), epochs=2, head_rate=1e-2, block_rate=1e-3):
        phases = tuple(
            Phase(name=f"p{n}", blocks=each, epochs=epochs, head_rate=head_rate, block_rate=block_rate)
            for n, each in enumerate(blocks)
        )
        return Stage(name="made", datasets=("made",), classes=CLASSES, phases=phases)

    return make


@pytest.fixture(autouse=True)
def started():
    backend.start(seed=11)
