import numpy as np
import pytest

from derm_recipes.specs import VIEWS

PHOTOGRAPHS = np.random.default_rng(0).integers(0, 255, (2, 5, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(("name", "count"), [("none", 1), ("flips", 2), ("dihedral", 8)])
def test_views_are_different_arrangements_of_the_same_pixels(name, count):
    views = [view(PHOTOGRAPHS) for view in next(each for each in VIEWS if each.name == name).build({})]
    assert len({each.tobytes() for each in map(np.ascontiguousarray, views)}) == len(views) == count
    np.testing.assert_array_equal(views[0], PHOTOGRAPHS)
    for view in views:
        assert (view.shape, view.dtype) == (PHOTOGRAPHS.shape, np.uint8)
        assert sorted(view.ravel()) == sorted(PHOTOGRAPHS.ravel())


def test_flips_mirror_left_to_right():
    _, mirrored = next(each for each in VIEWS if each.name == "flips").build({})
    np.testing.assert_array_equal(mirrored(PHOTOGRAPHS)[:, :, 0], PHOTOGRAPHS[:, :, -1])
