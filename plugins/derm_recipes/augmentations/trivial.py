"""TrivialAugment (Müller and Hutter 2021), as one Keras layer in front of the network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from derm_recipes.augmentations.affine import sample
from derm_recipes.augmentations.colour import blurred, with_contrast, with_saturation

GEOMETRIC = ("identity", "rotate", "shear-x", "shear-y", "translate-x", "translate-y")
TONAL = ("brightness", "contrast", "colour", "sharpness", "posterize", "solarize", "autocontrast", "equalize")
OPERATIONS = (*GEOMETRIC, *TONAL)
"""The paper's list (table 1)."""
BINS = 16
"""Of the histogram by which a photograph is equalized."""


class TrivialAugment(keras.layers.Layer):
    """Apply one operation of :data:`OPERATIONS`, each as likely, at a strength drawn evenly (algorithm 1).

    Float32 RGB of 0..255 (n, height, width, 3) in and out.  Ranges are those of the wide search space (table 1):
    135 degrees, shear of 0.99, shift of 32 pixels of 224, factors of 0.01 to 2, 2 bits.  ``strength`` is the share of
    them that is used.
    """

    def __init__(self, options: Mapping[str, Any], seed: int, **settings: Any) -> None:
        super().__init__(trainable=False, dtype="float32", name="augment", **settings)
        self._strength = float(options["strength"])
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, photographs: Any) -> Any:
        """Return the photographs changed."""
        count = ops.shape(photographs)[0]
        operation = ops.floor(keras.random.uniform((count,), 0.0, float(len(OPERATIONS)), seed=self.generator))
        strength = self._strength * keras.random.uniform((count,), 0.0, 1.0, seed=self.generator)
        sign = ops.where(keras.random.uniform((count,), 0.0, 1.0, seed=self.generator) < 0.5, -1.0, 1.0)
        return changed(photographs, operation, strength, sign)


def changed(photographs: Any, operation: Any, strength: Any, sign: Any) -> Any:
    """Return photographs by operations, indices into :data:`OPERATIONS` as float32 (n,), at strengths in 0..1."""
    moved = sample(photographs, _maps(photographs, operation, strength * sign))
    factor = ops.reshape(1.0 + 0.99 * strength * sign, (-1, 1, 1, 1))
    levels = ops.reshape(ops.power(2.0, ops.floor(6.0 * strength)), (-1, 1, 1, 1))
    low, high = (f(moved, axis=(1, 2), keepdims=True) for f in (ops.min, ops.max))
    soft = blurred(moved)
    results = {
        "brightness": moved * factor,
        "contrast": with_contrast(moved, factor),
        "colour": with_saturation(moved, factor),
        "sharpness": soft + (moved - soft) * factor,
        "posterize": ops.floor(moved / levels) * levels,
        "solarize": ops.where(moved < 256.0 - 256.0 * ops.reshape(strength, (-1, 1, 1, 1)), moved, 255.0 - moved),
        "autocontrast": (moved - low) * 255.0 / ops.maximum(high - low, 1.0),
        "equalize": equalized(moved),
    }
    for name, result in results.items():
        chosen = ops.reshape(ops.equal(operation, float(OPERATIONS.index(name))), (-1, 1, 1, 1))
        moved = ops.where(chosen, result, moved)
    return ops.clip(moved, 0.0, 255.0)


def equalized(photographs: Any) -> Any:
    """Return photographs in which each channel's values are spread evenly over 0..255.

    By a histogram of 16 bins, within each of which values are taken to be spread evenly: one of 256 takes as many
    passes over all pixels, since Keras has none that every backend compiles.
    """
    width = 256.0 / BINS
    below = [ops.zeros_like(photographs[:, :1, :1])]
    below += [
        ops.mean(ops.cast(photographs < width * number, "float32"), axis=(1, 2), keepdims=True)
        for number in range(1, BINS)
    ]
    below.append(ops.ones_like(below[0]))
    shares = [
        (below[number + 1] - below[number]) * ops.clip(photographs / width - number, 0.0, 1.0) for number in range(BINS)
    ]
    return 255.0 * sum(shares[1:], shares[0])


def _maps(photographs: Any, operation: Any, strength: Any) -> Any:
    """Return affine maps about the centre, (n, 8), of what is geometric; the identity for all else."""
    height, width = photographs.shape[1:3]

    def amount(name: str) -> Any:
        return ops.where(ops.equal(operation, float(OPERATIONS.index(name))), strength, 0.0)

    angle = amount("rotate") * (135.0 * math.pi / 180.0)
    xx, yx = ops.cos(angle), ops.sin(angle)
    xy, yy = -ops.sin(angle) + 0.99 * amount("shear-x"), ops.cos(angle)
    yx = yx + 0.99 * amount("shear-y")
    centre_x, centre_y = (width - 1) / 2.0, (height - 1) / 2.0
    shift_x = amount("translate-x") * (width * 32.0 / 224.0) + centre_x - xx * centre_x - xy * centre_y
    shift_y = amount("translate-y") * (height * 32.0 / 224.0) + centre_y - yx * centre_x - yy * centre_y
    zero = ops.zeros_like(xx)
    return ops.stack([xx, xy, shift_x, yx, yy, shift_y, zero, zero], axis=1)
