import numpy as np
import pytest

from derm_cli.engine.feeding import Feed

BATCHES = np.array([[1, 2], [40, 3], [1, 7], [0, 47], [9, 9]], dtype=np.int32)


@pytest.mark.parametrize(("resident_bytes", "steps"), [(1 << 30, [5]), (0, [2, 2, 1])])
def test_the_layer_holds_what_the_next_steps_ask_for(photographs, resident_bytes, steps):
    pixels, _ = photographs
    feed = Feed(pixels, 2, resident_bytes, window_bytes=2 * 2 * 16 * 16 * 3)
    seen = []
    for indices, places in feed.windows(BATCHES):
        found = np.asarray(feed.layer(places.reshape(-1)).numpy())
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, pixels.take(indices.reshape(-1)).astype("float32"))
        seen.append(len(indices))
    assert seen == steps


def test_a_window_holds_a_batch_at_least(photographs):
    assert Feed(photographs[0], 5, 0, window_bytes=1).layer.photographs.shape[0] == 5
