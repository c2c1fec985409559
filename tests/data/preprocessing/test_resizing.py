"""Where each pixel is one of the photograph's own, one call gives what one axis after the other does."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.preprocessing.resizing import FILTERS, to_square
from derm_cli.plan import Preprocessing


def one_axis_after_the_other(image, rule):
    """Squash or crop an image to a square, its rows first."""
    (width, height), way = image.size, FILTERS[rule.interpolation]
    short = min(width, height)
    cut = ((width - short) / 2, (height - short) / 2) if rule.resize == "crop" else (0, 0)
    narrow = image.resize((rule.size, height), way, (cut[0], 0, width - cut[0], height))
    return narrow.resize((rule.size, rule.size), way, (0, cut[1], rule.size, height - cut[1]))


@pytest.mark.parametrize("interpolation", FILTERS)
@pytest.mark.parametrize("resize", ["squash", "crop"])
def test_the_pixels_are_those_of_one_axis_after_the_other(resize, interpolation):
    draw = np.random.default_rng(0)
    for _ in range(60):
        width, height, side = (int(each) for each in draw.integers(1, 300, 3))
        image = Image.fromarray(draw.integers(0, 256, (height, width, 3), dtype=np.uint8))
        rule = Preprocessing(size=side, resize=resize, interpolation=interpolation)
        expected = one_axis_after_the_other(image, rule)
        assert to_square(image, rule).tobytes() == expected.tobytes(), (width, height, side)
