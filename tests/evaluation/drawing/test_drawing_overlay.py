import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from derm_cli.evaluation.drawing.overlay import address_of, beside, overlaid, write_png

GREY = np.full((40, 40, 3), 128, dtype=np.uint8)


def test_the_highest_place_is_the_brightest() -> None:
    scores = np.zeros((4, 4))
    scores[0, 3] = 5.0
    found = overlaid(GREY, scores).astype(int).sum(axis=2)
    assert np.unravel_index(found.argmax(), found.shape)[0] < 10
    assert np.unravel_index(found.argmax(), found.shape)[1] >= 30
    assert found[:5, 35:].min() > found[30:, :10].max() + 100


def test_colours_tell_where_not_how_much() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 5))
    np.testing.assert_array_equal(overlaid(GREY, scores), overlaid(GREY, 7 * scores - 3))
    flat = overlaid(GREY, np.ones((5, 5)))
    assert np.ptp(flat.reshape(-1, 3), axis=0).max() == 0


def test_the_photograph_stands_beside_itself(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(256, size=(40, 40, 3), dtype=np.uint8)
    found = beside(pixels, np.eye(3))
    assert found.shape == (40, 80, 3)
    np.testing.assert_array_equal(found[:, :40], pixels)
    write_png(found, tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as image:
        np.testing.assert_array_equal(np.asarray(image), found)
    with Image.open(io.BytesIO(base64.b64decode(address_of(found).partition(",")[2]))) as image:
        assert (image.format, image.size) == ("JPEG", (80, 40))
        assert not image.getexif()
