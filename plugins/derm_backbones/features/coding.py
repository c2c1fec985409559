"""Numbers as pixels and back: so a vector takes the way of a photograph, through packs, batches and the network.

A number is a pixel.  It is a multiple of 2**-16, in three digits of base 256 that are from -128 to 127: the channels
red, green and blue, 128 added.  Digits of both signs make small numbers of small digits, so that float32 adds them up
without loss.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import keras

STEP = 2.0**-16
ZERO = 0x808080
LONGEST = 16384
"""Numbers of a vector: in a longer one, a single number could be too many standard deviations for its pixel."""
SMALLEST_SIDE = 32
"""Pixels: of fewer, derm takes no photograph."""


def side_of(dimensions: int) -> int:
    """Return the side, in pixels, of the square that holds a vector."""
    return max(SMALLEST_SIDE, math.isqrt(dimensions - 1) + 1)


def standardised(vectors: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Return each of the vectors, (n, dimensions), less its own mean and divided by its own standard deviation.

    So models whose numbers are of another scale train at the same rates, and nothing is learnt from other photographs.
    """
    values = vectors.astype(np.float64)
    centred = values - values.mean(axis=1, keepdims=True)
    scaled: npt.NDArray[np.float64] = centred / centred.std(axis=1, keepdims=True)
    return scaled


def to_square(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Return a standardised vector as a square, uint8 (side, side, 3), with zeros behind it."""
    side = side_of(len(vector))
    numbers = np.zeros(side * side, dtype=np.int64)
    numbers[: len(vector)] = np.rint(vector / STEP)
    digits = numbers + ZERO
    return np.stack([digits >> 16, digits >> 8 & 255, digits & 255], axis=-1).astype(np.uint8).reshape(side, side, 3)


def network(size: int, weights: str | None) -> keras.Model:
    """Return what turns squares into vectors: float32 (n, size, size, 3) in, feature map (n, 1, 1, size²) out.

    It has no weights; ``weights`` is None.  All of it is in float32, whatever the rest is trained in.
    """
    del weights
    import keras
    from keras import layers

    entry = keras.Input((size, size, 3), name="image")
    # The mean over three digits is a third of their sum.
    values = [3 * STEP * 256**power for power in (2, 1, 0)]
    flow = layers.Rescaling(values, offset=[-128 * each for each in values], dtype="float32", name="vector_digits")(
        entry
    )
    flow = layers.Reshape((size * size, 3), dtype="float32", name="vector_rows")(flow)
    flow = layers.Permute((2, 1), dtype="float32", name="vector_columns")(flow)
    flow = layers.GlobalAveragePooling1D(dtype="float32", name="vector_numbers")(flow)
    flow = layers.Reshape((1, 1, size * size), dtype="float32", name="vector")(flow)
    return keras.Model(entry, flow, name="features")
