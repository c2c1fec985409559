import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derm_cli.engine.batches import balanced_epoch, steps_per_epoch


@given(
    counts=st.lists(st.integers(1, 40), min_size=2, max_size=6), per_class=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_each_batch_has_the_same_number_of_each_class(counts, per_class, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    batches = balanced_epoch(labels, len(counts), per_class, (seed,))
    assert batches.dtype == np.int32
    assert batches.shape == (steps_per_epoch(len(labels), len(counts), per_class), len(counts) * per_class)
    for batch in batches:
        assert (np.bincount(labels[batch], minlength=len(counts)) == per_class).all()


@given(counts=st.lists(st.integers(1, 40), min_size=2, max_size=6), seed=st.integers(0, 99))
def test_no_photograph_comes_again_before_its_class_was_dealt(counts, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    shown = np.bincount(balanced_epoch(labels, len(counts), 1, (seed,)).ravel(), minlength=len(labels))
    for each in range(len(counts)):
        assert np.ptp(shown[labels == each]) <= 1


def test_an_epoch_shows_as_many_photographs_as_there_are():
    assert steps_per_epoch(2744, 13, 1) == 212
    assert steps_per_epoch(12, 6, 2) == 1


def test_the_order_depends_on_the_seed_alone():
    labels = np.repeat(np.arange(3), 20)
    first, again, other = (balanced_epoch(labels, 3, 1, seed) for seed in [(7, 0), (7, 0), (7, 1)])
    assert (first == again).all()
    assert (first != other).any()


def test_a_class_without_a_photograph_is_refused():
    with pytest.raises(ValueError, match="without a photograph"):
        balanced_epoch(np.zeros(4, dtype=int), 2, 1, (0,))
