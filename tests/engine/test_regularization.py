import numpy as np
import pytest

from derm_cli.engine.regularization import ChannelDropout, Mix


@pytest.fixture
def photographs():
    return np.random.default_rng(1).uniform(0, 255, (4, 5, 5, 3)).astype("float32")


def test_mixing_keeps_a_share_and_takes_the_rest_of_the_partner(photographs):
    """Zhang et al. 2018, equation 2."""
    partners, shares = np.int32([2, 1, 3, 0]), np.float32([0.25, 0.5, 1.0, 0.0])
    mixed = Mix()(photographs, partners, shares)
    kept = shares[:, np.newaxis, np.newaxis, np.newaxis]
    np.testing.assert_allclose(mixed, kept * photographs + (1 - kept) * photographs[partners], rtol=1e-6)
    np.testing.assert_array_equal(mixed[2], photographs[2])
    np.testing.assert_array_equal(mixed[3], photographs[0])


def test_dropout_takes_channels_whole_and_their_share_is_the_rate():
    layer, flow = ChannelDropout(0.25, seed=3), np.ones((40, 3, 3, 50), "float32")
    dropped = np.array(layer(flow, training=True))
    np.testing.assert_array_equal(dropped, np.broadcast_to(dropped[:, :1, :1], dropped.shape))
    assert set(np.unique(dropped)) == {0.0, np.float32(1 / 0.75)}
    assert (dropped[:, 0, 0] == 0).mean() == pytest.approx(0.25, abs=0.03)
    np.testing.assert_array_equal(layer(flow, training=False), flow)
