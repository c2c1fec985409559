"""The paper's augmentation, as one Keras layer in front of the network."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from derm_cli.plan import Augmentation


class Augment(keras.layers.Layer):
    """Rotate, flip, zoom, shift and darken each photograph of a batch by its own draw.

    Float32 RGB of 0..255 (n, height, width, 3) in and out.  Rotation, flip, zoom and shift are one affine map, sampled
    once (bilinear); what lies outside is filled by reflection.  Ranges: :class:`derm_cli.plan.Augmentation`.
    """

    def __init__(self, augmentation: Augmentation, seed: int, **options: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **options)
        self.augmentation = augmentation
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, photographs: Any) -> Any:
        """Return the photographs changed."""
        height, width = photographs.shape[1:3]
        draws = self._draw(ops.shape(photographs)[0], width)
        moved = ops.image.affine_transform(
            photographs,
            _affine(draws, height, width),
            interpolation="bilinear",
            fill_mode="reflect",
            data_format="channels_last",
        )
        return ops.clip(moved * ops.reshape(draws["brightness"], (-1, 1, 1, 1)), 0.0, 255.0)

    def _draw(self, count: Any, width: int) -> dict[str, Any]:
        ranges = self.augmentation

        def uniform(low: float, high: float) -> Any:
            return keras.random.uniform((count,), low, high, seed=self.generator)

        def either_side(low: float, high: float) -> Any:
            return uniform(low, high) * ops.where(uniform(0.0, 1.0) < 0.5, -1.0, 1.0)

        changed = uniform(0.0, 1.0) < ranges.probability
        radians = math.pi / 180.0
        return {
            "angle": ops.where(changed, either_side(*ranges.rotation) * radians, 0.0),
            "flip": ops.where(changed & (uniform(0.0, 1.0) < ranges.flip), -1.0, 1.0),
            "scale": ops.where(changed, 1.0 / (1.0 + uniform(*ranges.zoom)), 1.0),
            "shift": ops.where(changed, either_side(*ranges.shift) * float(width), 0.0),
            "brightness": ops.where(changed, uniform(*ranges.brightness), 1.0),
        }


def _affine(draws: dict[str, Any], height: int, width: int) -> Any:
    """Return affine maps from output to input coordinates, (n, 8), about the centre: shift, then flip, turn, shrink."""
    cos = ops.cos(draws["angle"]) * draws["scale"]
    sin = ops.sin(draws["angle"]) * draws["scale"]
    centre_x, centre_y = (width - 1) / 2.0, (height - 1) / 2.0
    xx, xy = cos * draws["flip"], -sin
    yx, yy = sin * draws["flip"], cos
    zero = ops.zeros_like(cos)
    shift_x = centre_x + draws["shift"] - xx * centre_x - xy * centre_y
    shift_y = centre_y - yx * centre_x - yy * centre_y
    return ops.stack([xx, xy, shift_x, yx, yy, shift_y, zero, zero], axis=1)
