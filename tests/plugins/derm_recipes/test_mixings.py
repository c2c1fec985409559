"""Mixing: the shares and boxes that are drawn."""

import numpy as np
import pytest
from scipy import stats

from derm_recipes.specs import MIXINGS


def draw(name, alpha, seed=0, shape=(200, 24)):
    spec = next(each for each in MIXINGS if each.name == name)
    return spec.build({"alpha": alpha}).draw(shape, np.random.default_rng(seed))


def test_none_mixes_nothing():
    assert MIXINGS[0].build({}) is None


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_shares_of_mixup_are_of_the_beta_distribution(alpha):
    mix = draw("mixup", alpha)
    assert (mix.shares.dtype, mix.boxes) == (np.float32, None)
    # Float32 may round a share just below 1 to it, which is no density of its own.
    assert stats.kstest(mix.shares.ravel(), stats.beta(alpha, alpha).cdf).statistic < 0.03


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_a_box_that_is_not_cut_covers_what_beta_leaves(alpha):
    """Yun et al. 2019, equation 2: its sides are sqrt(1 - l) of the photograph's."""
    mix = draw("cutmix", alpha)
    assert (mix.shares == 1).all()
    top, bottom, left, right = np.moveaxis(mix.boxes, -1, 0)
    assert mix.boxes.min() >= 0
    assert mix.boxes.max() <= 1
    whole = (top > 0) & (bottom < 1) & (left > 0) & (right < 1)
    np.testing.assert_allclose((bottom - top)[whole], (right - left)[whole], atol=1e-6)
    assert (bottom >= top).all()
    assert (right >= left).all()
    half = np.sqrt(1 - np.random.default_rng(0).beta(alpha, alpha, mix.shares.shape)) / 2
    np.testing.assert_allclose((bottom - top)[whole], 2 * half[whole], atol=1e-6)


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_a_draw_depends_on_its_generator_alone(name):
    one, again, other = (draw(name, 0.7, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.shares, again.shares)
    np.testing.assert_array_equal(one.boxes, again.boxes)
    assert (one.shares != other.shares).any() or (one.boxes != other.boxes).any()
