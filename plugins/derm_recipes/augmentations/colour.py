"""Changes of colour and sharpness, on float32 RGB (n, height, width, 3); factors are (n, 1, 1, 1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Of ITU-R BT.601."""
_BINOMIAL = np.array([1.0, 4.0, 6.0, 4.0, 1.0], dtype=np.float32) / 16.0


def with_contrast(photographs: Any, factor: Any) -> Any:
    """Move every pixel away from its photograph's mean, or nearer."""
    mean = ops.mean(photographs, axis=(1, 2, 3), keepdims=True)
    return mean + (photographs - mean) * factor


def with_saturation(photographs: Any, factor: Any) -> Any:
    """Move every pixel away from its own grey, or nearer."""
    grey = ops.sum(photographs * _LUMA, axis=-1, keepdims=True)
    return grey + (photographs - grey) * factor


def blurred(photographs: Any) -> Any:
    """Return the photographs through a binomial filter of 5 x 5, nearly a Gaussian of one pixel; edges are mirrored."""
    padded = ops.pad(photographs, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="symmetric")
    height, width = photographs.shape[1:3]
    rows = sum(weight * padded[:, at : at + height] for at, weight in enumerate(_BINOMIAL))
    return sum(weight * rows[:, :, at : at + width] for at, weight in enumerate(_BINOMIAL))
