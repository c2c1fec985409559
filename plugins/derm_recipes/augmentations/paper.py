"""The paper's augmentation (Nedelcu et al. 2021, section III), as one Keras layer in front of the network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from derm_recipes.augmentations.affine import affine_map, sample


class PaperAugmentation(keras.layers.Layer):
    """Rotate, flip, zoom, shift and darken each photograph of a batch by its own draw.

    Float32 RGB of 0..255 (n, height, width, 3) in and out.  Rotation, flip, zoom and shift are one affine map, sampled
    once (bilinear); what lies outside is filled by reflection.
    """

    def __init__(self, options: Mapping[str, Any], seed: int, **settings: Any) -> None:
        super().__init__(trainable=False, dtype="float32", name="augment", **settings)
        self._options = dict(options)
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, photographs: Any) -> Any:
        """Return the photographs changed."""
        height, width = photographs.shape[1:3]
        draws = self._draw(ops.shape(photographs)[0], width)
        maps = affine_map(
            (height, width),
            angle=draws["angle"],
            scales=(draws["scale"], draws["scale"]),
            flips=(draws["flip"], 1.0),
            shifts=(draws["shift"], 0.0),
        )
        moved = sample(photographs, maps)
        return ops.clip(moved * ops.reshape(draws["brightness"], (-1, 1, 1, 1)), 0.0, 255.0)

    def _draw(self, count: Any, width: int) -> dict[str, Any]:
        ranges = self._options

        def uniform(low: float, high: float) -> Any:
            return keras.random.uniform((count,), low, high, seed=self.generator)

        def either_side(low: float, high: float) -> Any:
            return uniform(low, high) * ops.where(uniform(0.0, 1.0) < 0.5, -1.0, 1.0)

        changed = uniform(0.0, 1.0) < ranges["probability"]
        radians = math.pi / 180.0
        return {
            "angle": ops.where(changed, either_side(*ranges["rotation"]) * radians, 0.0),
            "flip": ops.where(changed & (uniform(0.0, 1.0) < ranges["flip"]), -1.0, 1.0),
            "scale": ops.where(changed, 1.0 / (1.0 + uniform(*ranges["zoom"])), 1.0),
            "shift": ops.where(changed, either_side(*ranges["shift"]) * float(width), 0.0),
            "brightness": ops.where(changed, uniform(*ranges["brightness"]), 1.0),
        }
