"""A perceptual hash: photographs that look the same have hashes that differ in few bits."""

from __future__ import annotations

import numpy as np
from PIL import Image

HASH_SIDE = 16
"""Rows and columns of the cosines that make the perceptual hash: 256 bits."""
ROUNDING_DEVIATION = 0.29 * 8 * HASH_SIDE
"""The standard deviation of a coefficient that comes of rounding levels alone: 1 / sqrt(12), times 2 a side of 64."""
FEWEST_TELLING = 224
"""Fewer bits than these from coefficients above that, and what is shown is no photograph: flat, a shape, a gradient."""


def perceptual_hash(grey: Image.Image) -> str:
    """Return the perceptual hash of an image of mode L, squashed to a square: 256 bits as 64 hexadecimal digits.

    A bit is the sign of a coefficient of the two-dimensional cosine transform, for the 16 × 16 lowest frequencies of 64
    rows and columns, row by row (pHash, Zauner 2010, with the threshold at zero in place of the median): so a mirrored
    image has the same bits but for those of its odd frequencies, which are the opposite.

    :class:`derm_cli.data.facts.Facts`, packs and records have it as ``fingerprint``, a name that keys depend on.

    Empty where there is too little in it to be recognized by: all flat images would look the same.  (Of 2,866 real
    photographs the poorest has 239 bits that tell something; a disc in the middle of nothing has some 200.)
    """
    from scipy.fft import dctn

    side = 4 * HASH_SIDE
    levels = np.asarray(grey.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float32)
    coefficients = dctn(levels)[:HASH_SIDE, :HASH_SIDE]
    if np.count_nonzero(np.abs(coefficients) > ROUNDING_DEVIATION) < FEWEST_TELLING:
        return ""
    return np.packbits(coefficients > 0).tobytes().hex()
