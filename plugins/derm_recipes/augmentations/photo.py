"""A policy for photographs by phones: what differs between two photographs of the same lesion, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from derm_recipes.augmentations.affine import affine_map, sample
from derm_recipes.augmentations.colour import blurred, with_contrast, with_saturation

LARGEST_BOX, SMALLEST_BOX = 0.2, 0.02
"""Of an erased box, in shares of the photograph (Zhong et al. 2020, section 4.1: 0.02 to 0.4)."""


class PhotoAugmentation(keras.layers.Layer):
    """Crop, flip both ways, turn by any angle, change light, contrast, saturation and white balance, blur, erase.

    Float32 RGB of 0..255 (n, height, width, 3) in and out, each photograph by its own draw.  The crop, of a share of
    the area and about any point of the photograph that it fits (Szegedy et al. 2015, section 6), the flips and the turn
    are one affine map; what lies outside is reflected.  The white balance multiplies red and blue each by a gain.
    An erased box is grey (Zhong et al. 2020, algorithm 1, with a constant).
    """

    def __init__(self, options: Mapping[str, Any], seed: int, **settings: Any) -> None:
        super().__init__(trainable=False, dtype="float32", name="augment", **settings)
        self._options = dict(options)
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, photographs: Any) -> Any:
        """Return the photographs changed."""
        options, count = self._options, ops.shape(photographs)[0]

        def uniform(low: float, high: float, values: int = 1) -> Any:
            shape = (count,) if values == 1 else (count, values)
            return keras.random.uniform(shape, low, high, seed=self.generator)

        moved = sample(photographs, self._map(photographs, uniform))
        gains = 1.0 + options["balance"] * uniform(-1.0, 1.0, 3) * np.array([1.0, 0.0, 1.0], dtype=np.float32)
        lit = moved * _each(uniform(*options["brightness"])) * ops.reshape(gains, (-1, 1, 1, 3))
        lit = with_contrast(lit, _each(uniform(*options["contrast"])))
        lit = with_saturation(lit, _each(uniform(*options["saturation"])))
        if options["blur"]:
            chosen = uniform(0.0, 1.0) < options["blur"]
            lit = ops.where(_each(chosen), blurred(lit), lit)
        if options["erase"]:
            lit = self._erased(lit, uniform)
        return ops.clip(lit, 0.0, 255.0)

    def _map(self, photographs: Any, uniform: Any) -> Any:
        options = self._options
        height, width = photographs.shape[1:3]
        area = uniform(*options["area"])
        low, high = (math.log(each) for each in options["aspect"])
        aspect = ops.exp(uniform(low, high))
        scale_x, scale_y = ops.sqrt(area * aspect), ops.sqrt(area / aspect)
        largest = options["rotation"] * math.pi / 180.0
        angle = uniform(-largest, largest)
        flip_x, flip_y = (ops.where(uniform(0.0, 1.0) < options["flip"], -1.0, 1.0) for _ in range(2))
        room = ops.maximum(1.0 - ops.maximum(scale_x, scale_y), 0.0)
        across, down = (uniform(-0.5, 0.5) * room * float(side) for side in (width, height))
        return affine_map(
            (height, width), angle=angle, scales=(scale_x, scale_y), flips=(flip_x, flip_y), shifts=(across, down)
        )

    def _erased(self, photographs: Any, uniform: Any) -> Any:
        height, width = photographs.shape[1:3]
        side = ops.sqrt(uniform(SMALLEST_BOX, LARGEST_BOX)) / 2
        across, down = uniform(0.0, 1.0), uniform(0.0, 1.0)
        rows = (np.arange(height, dtype=np.float32) + 0.5) / height
        columns = (np.arange(width, dtype=np.float32) + 0.5) / width
        in_rows = ops.abs(rows[None] - down[:, None]) < side[:, None]
        in_columns = ops.abs(columns[None] - across[:, None]) < side[:, None]
        box = ops.logical_and(in_rows[:, :, None, None], in_columns[:, None, :, None])
        chosen = _each(uniform(0.0, 1.0) < self._options["erase"])
        return ops.where(ops.logical_and(box, chosen), 127.5, photographs)


def _each(values: Any) -> Any:
    """Return a value for each photograph in the shape of a batch."""
    return ops.reshape(values, (-1, 1, 1, 1))
