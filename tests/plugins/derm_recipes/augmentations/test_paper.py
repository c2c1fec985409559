import numpy as np
import pytest

from derm_cli.plan import PAPER_AUGMENTATION
from derm_recipes.augmentations.paper import PaperAugmentation

NOTHING = {"rotation": (0, 0), "flip": 0, "zoom": (0, 0), "shift": (0, 0), "brightness": (1, 1)}


def changed(photographs, seed=0, **ranges):
    layer = PaperAugmentation({**PAPER_AUGMENTATION.options, **NOTHING, **ranges}, seed)
    return np.asarray(layer(photographs.astype("float32")))


@pytest.fixture
def photographs():
    return np.random.default_rng(1).uniform(0, 255, (4, 9, 9, 3)).astype("float32")


def test_nothing_to_change_changes_nothing(photographs):
    np.testing.assert_allclose(changed(photographs), photographs, atol=1e-3)


def test_a_flip_mirrors_the_columns(photographs):
    np.testing.assert_allclose(changed(photographs, flip=1.0), photographs[:, :, ::-1], atol=1e-3)


def test_a_quarter_turn_is_a_quarter_turn(photographs):
    turned = changed(photographs, rotation=(90, 90))
    for one, other in zip(turned, photographs, strict=True):
        ways = [np.rot90(other), np.rot90(other, -1)]
        assert min(np.abs(one - way).max() for way in ways) < 1e-2


def test_brightness_multiplies(photographs):
    np.testing.assert_allclose(changed(photographs, brightness=(0.5, 0.5)), photographs / 2, atol=1e-3)
    assert changed(photographs, brightness=(3, 3)).max() <= 255


def test_a_zoom_magnifies_about_the_centre():
    point = np.zeros((1, 9, 9, 3), "float32")
    point[:, 4, 4] = 90
    zoomed = changed(point, zoom=(1, 1))
    assert zoomed[0, 4, 4, 0] == pytest.approx(90, abs=1e-3)
    assert zoomed[0, 4, 5, 0] == pytest.approx(45, abs=1e-3)


def test_a_shift_moves_by_a_share_of_the_width():
    point = np.zeros((6, 10, 10, 3), "float32")
    point[:, 5, 5] = 90
    columns = set(changed(point, shift=(0.2, 0.2))[..., 0].max(axis=1).argmax(axis=1).tolist())
    assert columns == {3, 7}


def test_each_photograph_has_its_own_draw_and_the_seed_repeats_it(photographs):
    same = np.repeat(photographs[:1], 4, axis=0)
    drawn = changed(same, brightness=(0.2, 0.8))
    assert len({round(float(each.mean()), 3) for each in drawn}) == 4
    np.testing.assert_array_equal(drawn, changed(same, brightness=(0.2, 0.8)))
    assert (drawn != changed(same, seed=1, brightness=(0.2, 0.8))).any()


def test_the_probability_is_the_share_that_is_changed():
    same = np.full((400, 2, 2, 3), 100, "float32")
    darkened = changed(same, brightness=(0.5, 0.5), probability=0.3)[:, 0, 0, 0] < 99
    assert 0.2 < darkened.mean() < 0.4
