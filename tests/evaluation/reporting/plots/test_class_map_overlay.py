import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derm_cli.evaluation.reporting.plots.class_map_overlay import (
    GAP,
    INK,
    TEXT,
    captioned_overlay,
    jpeg_data_url,
    overlay,
    side_by_side,
    write_png,
)

GREY = np.full((40, 40, 3), 128, dtype=np.uint8)


def test_the_highest_place_is_the_brightest() -> None:
    scores = np.zeros((4, 4))
    scores[0, 3] = 5.0
    brightness = overlay(GREY, scores).astype(int).sum(axis=2)
    assert np.unravel_index(brightness.argmax(), brightness.shape)[0] < 10
    assert np.unravel_index(brightness.argmax(), brightness.shape)[1] >= 30
    assert brightness[:5, 35:].min() > brightness[30:, :10].max() + 100


def test_colours_tell_where_not_how_much() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 5))
    np.testing.assert_array_equal(overlay(GREY, scores), overlay(GREY, 7 * scores - 3))
    flat = overlay(GREY, np.ones((5, 5)))
    assert np.ptp(flat.reshape(-1, 3), axis=0).max() == 0


def test_all_colour_is_the_map_s() -> None:
    """A red photograph and a green one of the same brightness look the same under the same map."""
    scores = np.random.default_rng(0).normal(size=(5, 5))
    red, green = (np.broadcast_to(np.uint8(colour), (40, 40, 3)) for colour in ((200, 0, 0), (0, 102, 0)))
    assert Image.fromarray(red).convert("L").getpixel((0, 0)) == Image.fromarray(green).convert("L").getpixel((0, 0))
    np.testing.assert_array_equal(overlay(red, scores), overlay(green, scores))


def test_the_photograph_stands_beside_itself(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(256, size=(40, 40, 3), dtype=np.uint8)
    picture = side_by_side(pixels, np.eye(3), np.eye(3)[::-1])
    assert picture.shape == (40, 120, 3)
    np.testing.assert_array_equal(picture[:, :40], pixels)
    np.testing.assert_array_equal(picture[:, 40:80], overlay(pixels, np.eye(3)))
    np.testing.assert_array_equal(picture[:, 80:], overlay(pixels, np.eye(3)[::-1]))
    write_png(picture, tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as image:
        np.testing.assert_array_equal(np.asarray(image), picture)
        assert image.info == {}
    with Image.open(io.BytesIO(base64.b64decode(jpeg_data_url(picture).partition(",")[2]))) as image:
        assert (image.format, image.size) == ("JPEG", (120, 40))
        assert not image.getexif()


@pytest.mark.parametrize(("size", "times"), [(32, 13), (224, 2), (300, 2), (512, 1)])
def test_a_picture_shows_each_pixel_of_the_photograph(size: int, times: int) -> None:
    pixels = np.random.default_rng(1).integers(256, size=(size, size, 3), dtype=np.uint8)
    picture = captioned_overlay(pixels, np.eye(3), ["What speaks for MEL: 12.5%", "predicted: NEV, 80.0%"])
    top, width = GAP + 2 * (TEXT + 8), times * size
    assert picture.shape[1] == 3 * GAP + 2 * width
    photograph = picture[top : top + width, GAP : GAP + width]
    for row in range(times):
        np.testing.assert_array_equal(photograph[row::times, row::times], pixels)
    right = picture[top : top + width, 2 * GAP + width : 2 * GAP + 2 * width]
    np.testing.assert_array_equal(right, overlay(photograph, np.eye(3)))
    for line in (slice(GAP, GAP + TEXT), slice(GAP + TEXT + 8, top)):
        assert (np.abs(picture[line].astype(int) - INK).sum(axis=2) < 30).sum() > 100


def test_the_scale_goes_from_low_to_high() -> None:
    picture = captioned_overlay(GREY, np.eye(3), ["MEL"]).astype(int)
    scale = picture[-GAP - TEXT + 6, picture.shape[1] // 2 :]
    coloured = scale[np.ptp(scale, axis=1) > 40]
    assert len(coloured) > 100
    assert coloured[-1].sum() > coloured[0].sum() + 150


def test_a_long_line_is_cut_at_the_edge() -> None:
    short, long, longer = (captioned_overlay(GREY, np.eye(3), ["w" * count]) for count in (10, 200, 300))
    assert short.shape == long.shape
    assert (short != long).any()
    np.testing.assert_array_equal(long, longer)
    assert (long[: GAP + TEXT, -GAP:] == 255).all()
