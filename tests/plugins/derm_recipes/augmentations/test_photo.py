"""The policy for photographs by phones, one change at a time."""

import keras
import numpy as np
import pytest

from derm_recipes.specs import AUGMENTATIONS

SPEC = next(each for each in AUGMENTATIONS if each.name == "photo")
NOTHING = {
    "area": (1.0, 1.0),
    "aspect": (1.0, 1.0),
    "flip": 0.0,
    "rotation": 0.0,
    "brightness": (1.0, 1.0),
    "contrast": (1.0, 1.0),
    "saturation": (1.0, 1.0),
    "balance": 0.0,
    "blur": 0.0,
    "erase": 0.0,
}


def changed(photographs, seed=0, **options):
    layer = SPEC.build(SPEC.component({**NOTHING, **options}).options, seed)
    return np.asarray(layer(photographs.astype("float32")))


@pytest.fixture
def photographs():
    return np.random.default_rng(1).uniform(50, 200, (4, 9, 9, 3)).astype("float32")


def test_nothing_to_change_changes_nothing(photographs):
    np.testing.assert_allclose(changed(photographs), photographs, atol=1e-2)


def test_flips_go_both_ways(photographs):
    np.testing.assert_allclose(changed(photographs, flip=1.0), photographs[:, ::-1, ::-1], atol=1e-2)


def test_brightness_multiplies(photographs):
    np.testing.assert_allclose(changed(photographs, brightness=(0.5, 0.5)), photographs / 2, atol=1e-2)


def test_contrast_is_about_the_photograph_s_mean(photographs):
    mean = photographs.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(changed(photographs, contrast=(0.5, 0.5)), (photographs + mean) / 2, atol=1e-2)


def test_without_saturation_a_photograph_is_grey(photographs):
    grey = photographs @ np.array([0.299, 0.587, 0.114])
    found = changed(photographs, saturation=(0.0, 0.0))
    np.testing.assert_allclose(found, np.repeat(grey[..., np.newaxis], 3, axis=-1), atol=1e-2)


def test_white_balance_multiplies_red_and_blue(photographs):
    gains = (changed(photographs, balance=0.2) / photographs).reshape(4, -1, 3)
    np.testing.assert_allclose(gains[..., 1], 1, atol=1e-4)
    assert (np.ptp(gains, axis=1) < 1e-3).all()
    assert (np.abs(gains - 1) <= 0.2 + 1e-4).all()
    assert (np.abs(gains[..., [0, 2]] - 1) > 1e-3).all()


def test_a_crop_shows_its_share_of_the_area():
    """Of a ramp across, a crop of a quarter of the area spans half of the values, wherever it lies."""
    ramp = np.broadcast_to(np.linspace(0, 240, 64)[None, None, :, None], (20, 64, 64, 3))
    found = changed(ramp, area=(0.25, 0.25))
    spans = found[:, 32, -1, 0] - found[:, 32, 0, 0]
    np.testing.assert_allclose(spans, 120, atol=3)
    assert np.ptp(found[:, 32, 32, 0]) > 40, "crops lie at different points"
    assert found.min() >= -1e-3


def test_an_aspect_above_1_shows_more_of_the_width():
    ramp = np.broadcast_to(np.linspace(0, 240, 64)[None, None, :, None], (3, 64, 64, 3))
    found = changed(ramp, area=(0.25, 0.25), aspect=(2.0, 2.0))
    np.testing.assert_allclose(found[:, 32, -1, 0] - found[:, 32, 0, 0], 240 * 0.5 * np.sqrt(2), atol=4)


def test_a_blur_keeps_what_is_even_and_spreads_a_point():
    point = np.zeros((1, 9, 9, 3), "float32")
    point[:, 4, 4] = 256
    found = changed(point, blur=1.0)[0, :, :, 0]
    binomial = np.array([1, 4, 6, 4, 1]) / 16
    np.testing.assert_allclose(found[2:7, 2:7], 255 * np.outer(binomial, binomial), atol=0.3)
    even = np.full((1, 9, 9, 3), 77.0)
    np.testing.assert_allclose(changed(even, blur=1.0), even, atol=1e-2)


def test_an_erased_box_is_grey_and_of_the_size_that_it_may_have():
    found = changed(np.zeros((60, 50, 50, 3), "float32"), erase=1.0)
    assert set(np.unique(found)) == {0.0, 127.5}
    shares = (found[..., 0] > 0).mean(axis=(1, 2))
    assert shares.max() <= 0.23
    assert (shares > 0).all()
    assert (changed(np.zeros((60, 5, 5, 3), "float32"), erase=0.0) == 0).all()


def test_each_photograph_has_its_own_draw_and_the_seed_repeats_it(photographs):
    same = np.repeat(photographs[:1], 4, axis=0)
    layer = SPEC.build(SPEC.component().options, 3)
    drawn = np.asarray(layer(same))
    assert len({round(float(each.mean()), 3) for each in drawn}) == 4
    np.testing.assert_array_equal(drawn, np.asarray(SPEC.build(SPEC.component().options, 3)(same)))
    assert isinstance(layer.generator, keras.random.SeedGenerator)
    assert drawn.min() >= 0
    assert drawn.max() <= 255
