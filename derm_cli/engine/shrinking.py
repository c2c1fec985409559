"""Photographs smaller than the network's, for phases that learn from coarse to fine.

Smaller photographs first cost less and hold less to learn by heart (progressive resizing: Tan and Le 2021, section 4),
and a last phase at full size fits the network to what it will be shown (Touvron et al. 2019, section 4).
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from derm_cli.engine.reading import FOCUS, shrunk_side


class Shrink(keras.layers.Layer):
    """Shrink photographs (n, s, s, 3) by area, each pixel the mean of what it covers; ``margin`` stays as wide.

    The margin, in pixels at each border, is what the network crops: the new one is black.  Two products with constant
    matrices, since Keras's resizing with antialiasing cannot be compiled by XLA.
    """

    def __init__(self, side: int, scale: float, margin: int = 0) -> None:
        super().__init__(trainable=False, dtype="float32", name="shrink")
        inner = side - 2 * margin
        self._weights = area_weights(inner, shrunk_side(inner, scale))
        self._margin = margin

    def call(self, photographs: Any) -> Any:
        """Return the photographs, smaller."""
        margin = self._margin
        inner = photographs[:, margin:-margin, margin:-margin] if margin else photographs
        smaller = ops.einsum("ai,nijc,bj->nabc", self._weights, inner, self._weights)
        return ops.pad(smaller, ((0, 0), (margin, margin), (margin, margin), (0, 0))) if margin else smaller


def area_weights(size: int, smaller: int) -> npt.NDArray[np.float32]:
    """Return the share that each of ``size`` pixels has in each of ``smaller`` ones, (smaller, size); rows sum to 1."""
    edges = np.arange(smaller + 1) * (size / smaller)
    pixels = np.arange(size)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares: npt.NDArray[np.float64] = np.maximum(covered, 0.0) * (smaller / size)
    return shares.astype(np.float32)


def shrink_for(model: keras.Model, scale: float) -> Shrink | None:
    """Return the layer that shrinks photographs for ``model``, (n, s, s, 3) to whatever; None at scale 1."""
    if scale == 1:
        return None
    crops = [layer for layer in model.layers if layer.name == FOCUS]
    return Shrink(model.input_shape[1], scale, int(crops[0].cropping[0][0]) if crops else 0)
