"""TrivialAugment's operations, each against what it says."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from derm_recipes.augmentations.trivial import GEOMETRIC, OPERATIONS, TONAL, changed, equalized
from derm_recipes.specs import AUGMENTATIONS

PHOTOGRAPH = np.random.default_rng(1).uniform(60, 180, (1, 16, 16, 3)).astype("float32")


def by(name, strength, sign=1.0, photograph=PHOTOGRAPH):
    number = np.float32([OPERATIONS.index(name)])
    return np.asarray(changed(photograph, number, np.float32([strength]), np.float32([sign])))


def test_identity_is_identity():
    np.testing.assert_allclose(by("identity", 1.0), PHOTOGRAPH, atol=1e-2)


@pytest.mark.parametrize("name", [each for each in OPERATIONS if each not in ("identity", "autocontrast", "equalize")])
def test_without_strength_nothing_changes_and_with_it_something(name):
    np.testing.assert_allclose(by(name, 0.0), np.floor(PHOTOGRAPH) if name == "posterize" else PHOTOGRAPH, atol=1e-2)
    assert np.abs(by(name, 0.9) - PHOTOGRAPH).max() > 5


def test_the_tonal_operations_do_what_they_are_called():
    np.testing.assert_allclose(by("brightness", 1.0, -1.0), PHOTOGRAPH * 0.01, atol=1e-2)
    np.testing.assert_allclose(
        by("contrast", 1.0, -1.0), PHOTOGRAPH.mean() + (PHOTOGRAPH - PHOTOGRAPH.mean()) * 0.01, atol=0.1
    )
    np.testing.assert_allclose(by("posterize", 1.0), np.floor(PHOTOGRAPH / 64) * 64, atol=1e-2)
    np.testing.assert_allclose(by("solarize", 1.0), 255 - PHOTOGRAPH, atol=1e-2)
    stretched = by("autocontrast", 0.5)
    np.testing.assert_allclose(stretched.min(axis=(0, 1, 2)), 0, atol=1e-2)
    np.testing.assert_allclose(stretched.max(axis=(0, 1, 2)), 255, atol=1e-2)


def test_equalization_is_near_to_that_of_pillow():
    """Which has a bin for each value: what differs is less than half of one of sixteen bins."""
    draws = np.random.default_rng(2).normal((70, 120, 200), (12, 30, 20), (64, 64, 3))
    photograph = np.clip(np.round(draws), 0, 255).astype(np.uint8)
    wanted = np.asarray(ImageOps.equalize(Image.fromarray(photograph)), dtype=np.float32)
    found = np.asarray(equalized(photograph[np.newaxis].astype(np.float32)))[0]
    assert np.abs(found - wanted).max() < 24
    assert np.abs(found - wanted).mean() < 5
    assert np.abs(photograph.astype(np.float32) - wanted).mean() > 30
    np.testing.assert_allclose(
        by("equalize", 0.3, photograph=photograph[np.newaxis].astype(np.float32))[0], found, atol=1
    )


def test_a_translation_is_of_a_seventh_at_most():
    point = np.zeros((1, 28, 28, 3), "float32")
    point[:, 14, 14] = 200
    assert by("translate-x", 1.0, photograph=point)[0, 14, :, 0].argmax() == 10
    assert by("translate-y", 1.0, -1.0, photograph=point)[0, :, 14, 0].argmax() == 18


def test_every_operation_is_drawn_and_seeds_repeat():
    spec = next(each for each in AUGMENTATIONS if each.name == "trivial")
    same = np.repeat(PHOTOGRAPH, 300, axis=0)
    drawn = np.asarray(spec.build({"strength": 1.0}, 5)(same))
    np.testing.assert_array_equal(drawn, np.asarray(spec.build({"strength": 1.0}, 5)(same)))
    unchanged = (np.abs(drawn - same).max(axis=(1, 2, 3)) < 0.5).mean()
    assert 0.03 < unchanged < 0.2, "the identity is one of fourteen"
    assert len(GEOMETRIC) + len(TONAL) == len(OPERATIONS) == 14
    assert drawn.min() >= 0
    assert drawn.max() <= 255
