"""A class map laid over its photograph."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from derm_cli.files import whole

STRENGTH = 0.45
Pixels = npt.NDArray[np.uint8]


def overlaid(photograph: Pixels, scores: npt.NDArray[np.floating]) -> Pixels:
    """Return ``photograph``, uint8 (size, size, 3), under the map of one class's ``scores``, (h, w).

    Scores are stretched from the lowest to the highest of this photograph, so colours tell where a class speaks most,
    not how sure it is; places between the map's are interpolated.  Bright is high.
    """
    import matplotlib as mpl

    low, high = float(scores.min()), float(scores.max())
    share = (scores - low) / (high - low) if high > low else np.zeros_like(scores)
    small = Image.fromarray(np.rint(255 * share).astype(np.uint8))
    large = np.asarray(small.resize(photograph.shape[1::-1], Image.Resampling.BICUBIC), dtype=np.uint8)
    colours = mpl.colormaps["inferno"](large, bytes=True)[..., :3].astype(np.float64)
    mixed = (1 - STRENGTH) * photograph + STRENGTH * colours
    return np.asarray(np.rint(mixed), dtype=np.uint8)


def beside(photograph: Pixels, scores: npt.NDArray[np.floating]) -> Pixels:
    """Return the photograph and, to its right, the same under its map: uint8 (size, 2 size, 3)."""
    return np.concatenate([photograph, overlaid(photograph, scores)], axis=1)


def write_png(pixels: Pixels, path: Path) -> None:
    """Write pixels, and nothing that was known of the photograph's file, as a PNG; whole or not at all."""
    with whole(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG")


def address_of(pixels: Pixels) -> str:
    """Return pixels as a JPEG in a ``data:`` address, for a page that needs no other file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
