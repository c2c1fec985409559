"""A vector becomes a square of pixels, and the network makes the same numbers of it."""

from __future__ import annotations

import numpy as np
import pytest

from derm_backbones.features import coding


def test_a_vector_is_standardised_by_itself():
    vectors = np.array([[1.0, 2.0, 3.0, 6.0], [-10.0, 0.0, 10.0, 20.0]])
    found = coding.standardised(vectors)
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=1), 1)
    np.testing.assert_allclose(coding.standardised(7 * vectors[:1] + 3), found[:1])


@pytest.mark.parametrize(("dimensions", "side"), [(2, 32), (1024, 32), (1025, 33), (6144, 79), (coding.LONGEST, 128)])
def test_the_square_is_as_small_as_it_can_be(dimensions, side):
    assert coding.side_of(dimensions) == side
    square = coding.to_square(np.zeros(dimensions))
    assert (square.shape, square.dtype) == ((side, side, 3), np.uint8)


def test_the_network_gives_the_numbers_back():
    draw = np.random.default_rng(0)
    vectors = coding.standardised(draw.normal(size=(3, 1000)) ** 3)
    # The most that a number of a standardised vector can be.
    spike = np.zeros((1, coding.LONGEST))
    spike[0, 5] = -1
    found = coding.network(32, None).predict(np.stack([coding.to_square(each) for each in vectors]), verbose=0)
    assert found.shape == (3, 1, 1, 1024)
    np.testing.assert_allclose(found[:, 0, 0, :1000], vectors, atol=1e-5)
    assert not found[..., 1000:].any(), "behind the vector stands nothing"
    extreme = coding.standardised(spike)
    found = coding.network(128, None).predict(coding.to_square(extreme[0])[np.newaxis], verbose=0)
    np.testing.assert_allclose(found[0, 0, 0], extreme[0], atol=1e-5)
