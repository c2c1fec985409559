"""From a file to the square of pixels that the network sees: defined here, once, for every use.

In this order: :mod:`opening` (decoded, turned upright, or refused), :mod:`colour` (8-bit sRGB), :mod:`cropping` (to
the lesion), :mod:`plugin_steps` (what plugins add), :mod:`resizing` (the square), :mod:`constancy`.
docs/explanation/preprocessing.md tells each step for those who write it anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from derm_cli.data.preprocessing.colour import to_rgb
from derm_cli.data.preprocessing.constancy import shades_of_grey
from derm_cli.data.preprocessing.cropping import Box, lesion_box
from derm_cli.data.preprocessing.opening import (
    LARGEST,
    SMALLEST,
    RefusedPhotograph,
    UnreadablePhotograph,
    open_photograph,
    turn_upright,
)
from derm_cli.data.preprocessing.plugin_steps import changed_by_steps
from derm_cli.data.preprocessing.resizing import to_square
from derm_cli.plan import Preprocessing

__all__ = [
    "LARGEST",
    "SMALLEST",
    "Pixels",
    "RefusedPhotograph",
    "UnreadablePhotograph",
    "lesion_box",
    "open_photograph",
    "preprocess",
    "read_photograph",
    "turn_upright",
]

Pixels = npt.NDArray[np.uint8]


def read_photograph(path: Path, preprocessing: Preprocessing, mask: Path | None = None) -> Pixels:
    """Read a photograph; return uint8 (size, size, 3).

    ``mask`` is the file of its lesion's mask, for a preprocessing that crops to it; without one the photograph is taken
    whole.  Raises UnreadablePhotograph with the reason, of the photograph or of its mask.
    """
    with open_photograph(path) as image:
        upright = turn_upright(image)
        box = None
        if mask is not None and preprocessing.crop == "lesion":
            try:
                box = lesion_box(mask, upright.size, preprocessing.crop_margin)
            except UnreadablePhotograph as reason:
                raise UnreadablePhotograph(f"its mask '{mask.name}': {reason}") from None
        return preprocess(upright, preprocessing, box)


def preprocess(image: Image.Image, preprocessing: Preprocessing, box: Box | None = None) -> Pixels:
    """Return a decoded, upright image, or the ``box`` of it, as the network sees it: uint8 (size, size, 3).

    Raises DermError where a plugin's step was not looked up, or fails.
    """
    image = to_rgb(image, to_srgb=preprocessing.profile == "srgb")
    image = changed_by_steps(image.crop(box) if box else image, preprocessing.steps)
    square = np.asarray(to_square(image, preprocessing), dtype=np.uint8)
    return shades_of_grey(square) if preprocessing.constancy == "shades-of-grey" else square
