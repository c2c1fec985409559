import numpy as np
import pytest

from derm_cli.engine import feeding
from derm_cli.engine.feeding import Feed

BATCHES = np.array([[1, 2], [40, 3], [1, 7], [0, 47], [9, 9]], dtype=np.int32)


@pytest.mark.parametrize("start", [0, 2, 3])
@pytest.mark.parametrize(("resident_bytes", "windows"), [(1 << 30, [0, 0, 0]), (0, [3, 2, 1])])
def test_the_layer_holds_what_each_step_asks_for(photographs, resident_bytes, windows, start):
    pixels, _ = photographs
    feed = Feed(pixels, 2, resident_bytes, window_bytes=2 * 2 * 16 * 16 * 3)
    seen, synced = [], []
    for step, places in feed.rows(BATCHES, start, lambda: synced.append(len(seen))):
        found = np.asarray(feed.layer(places).numpy())
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, pixels.take(BATCHES[step]).astype("float32"))
        seen.append(step)
    assert seen == list(range(start, 5))
    assert len(synced) == {0: windows[0], 2: windows[1], 3: windows[2]}[start]


def test_a_window_holds_a_batch_at_least(photographs):
    assert Feed(photographs[0], 5, 0, window_bytes=1).layer.photographs.shape[0] == 5


@pytest.mark.parametrize("resident_bytes", [1 << 30, 0])
def test_photographs_are_read_a_few_at_a_time(photographs, monkeypatch, resident_bytes):
    """What is read is copied: a source that copied all at once would take their memory twice."""
    pixels, _ = photographs
    taken, take = [], type(pixels).take
    monkeypatch.setattr(feeding, "READ_AT_ONCE", 5)
    monkeypatch.setattr(type(pixels), "take", lambda some, indices: taken.append(len(indices)) or take(some, indices))
    feed = Feed(pixels, 12, resident_bytes, window_bytes=24 * 16 * 16 * 3)
    list(feed.rows(np.arange(48, dtype=np.int32).reshape(4, 12)))
    assert (max(taken), sum(taken)) == (5, 48)


def test_roomy_stages_of_about_the_same_size_have_one_shape(photographs):
    pixels, _ = photographs
    shapes = set()
    for count in (41, 44, 48):
        some = type(pixels)(((pixels.parts[0][0], np.arange(count)),))
        feed = Feed(some, 2, 1 << 30, round_up_rows=True)
        shapes.add(feed.layer.photographs.shape)
        np.testing.assert_array_equal(feed.layer.photographs.numpy()[:count], some.take(np.arange(count)))
    assert shapes == {(48, 16, 16, 3)}
