"""Colour constancy: the light's own colour taken out of a photograph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from derm_cli.data.preprocessing import Pixels

NORM = 6
"""The Minkowski norm of the winners of the ISIC 2019 challenge (Gessert et al. 2020, MethodsX 7)."""


def shades_of_grey(pixels: Pixels) -> Pixels:
    """Return uint8 (height, width, 3) as if under white light, by shades of grey (Finlayson and Trezzi 2004).

    A channel's light is the mean of its values to the power of 6, to the power of 1/6, over all pixels, as they are
    stored (no gamma is undone).  Each channel is multiplied by the root mean square of the three lights over its own,
    rounded to the nearest (half to even) and cut off at 255.  A channel that is black everywhere stays so.
    """
    histograms = [np.bincount(pixels[..., channel].ravel(), minlength=256).tolist() for channel in range(3)]
    # In whole numbers, which have no order in which they are added and no limit.
    sums = [sum(count * value**NORM for value, count in enumerate(histogram)) for histogram in histograms]
    lights = [(each / (pixels.shape[0] * pixels.shape[1])) ** (1 / NORM) for each in sums]
    white = math.sqrt(sum(light**2 for light in lights) / 3)
    values, corrected = np.arange(256, dtype=np.float64), np.empty_like(pixels)
    for channel, light in enumerate(lights):
        table = np.clip(np.rint(values * (white / light if light else 1.0)), 0, 255).astype(np.uint8)
        corrected[..., channel] = table[pixels[..., channel]]
    return corrected
