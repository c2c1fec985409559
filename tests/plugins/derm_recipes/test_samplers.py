"""Samplers: how often each class is shown, against the shares in their sources."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derm_cli.engine.batches import steps_per_epoch
from derm_cli.plugin import SamplingRequest
from derm_recipes.specs import SAMPLERS

NAMES = [each.name for each in SAMPLERS]


def epoch(name, labels, classes, per_class=1, seed=(0,), progress=0.0):
    spec = next(each for each in SAMPLERS if each.name == name)
    request = SamplingRequest(
        labels=labels,
        classes=classes,
        per_class=per_class,
        steps=steps_per_epoch(len(labels), classes, per_class),
        progress=progress,
    )
    return spec.build(spec.component().options)(request, np.random.default_rng(seed))


COUNTS = st.lists(st.integers(1, 40), min_size=2, max_size=6)


@pytest.mark.parametrize("name", NAMES)
@given(counts=COUNTS, per_class=st.integers(1, 3), seed=st.integers(0, 99), progress=st.floats(0, 1))
def test_an_epoch_has_whole_batches_of_photographs_that_there_are(name, counts, per_class, seed, progress):
    labels = np.repeat(np.arange(len(counts)), counts)
    batches = epoch(name, labels, len(counts), per_class, (seed,), progress)
    assert batches.shape == (steps_per_epoch(len(labels), len(counts), per_class), len(counts) * per_class)
    assert batches.min() >= 0
    assert batches.max() < len(labels)


@given(counts=COUNTS, per_class=st.integers(1, 3), seed=st.integers(0, 99))
def test_each_balanced_batch_has_the_same_number_of_each_class(counts, per_class, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    for batch in epoch("balanced", labels, len(counts), per_class, (seed,)):
        assert (np.bincount(labels[batch], minlength=len(counts)) == per_class).all()


@pytest.mark.parametrize("name", NAMES)
@given(counts=COUNTS, seed=st.integers(0, 99), progress=st.floats(0, 1))
def test_no_photograph_comes_again_before_its_class_was_shown(name, counts, seed, progress):
    labels = np.repeat(np.arange(len(counts)), counts)
    batches = epoch(name, labels, len(counts), 1, (seed,), progress)
    shown = np.bincount(batches.ravel(), minlength=len(labels))
    for each in range(len(counts)):
        assert np.ptp(shown[labels == each]) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_order_depends_on_the_seed_alone(name):
    labels = np.repeat(np.arange(3), 20)
    np.random.seed(1)  # noqa: NPY002
    first = epoch(name, labels, 3, seed=(7, 0))
    np.random.seed(2)  # noqa: NPY002
    again, other = (epoch(name, labels, 3, seed=seed) for seed in [(7, 0), (7, 1)])
    assert (first == again).all()
    assert (first != other).any()


def test_what_fills_the_last_natural_batch_differs_by_seed():
    filling = {int(epoch("natural", np.arange(5), 2, 3, (seed,))[-1, -1]) for seed in range(40)}
    assert filling == set(range(5))


def test_a_class_without_a_photograph_cannot_be_balanced():
    with pytest.raises(ValueError, match="without a photograph"):
        epoch("balanced", np.zeros(4, dtype=int), 2)


@pytest.mark.parametrize(
    ("name", "progress", "shares"),
    [
        ("power", 0.0, np.sqrt([400, 100, 25]) / np.sqrt([400, 100, 25]).sum()),
        ("progressive", 0.0, np.array([400, 100, 25]) / 525),
        ("progressive", 0.5, 0.5 * np.array([400, 100, 25]) / 525 + 0.5 / 3),
        ("progressive", 1.0, np.full(3, 1 / 3)),
    ],
)
def test_classes_are_shown_in_the_shares_of_the_source(name, progress, shares):
    """Kang et al. 2020, equations 1 (q = 1/2) and 2; to a photograph in every epoch, and on average to the digit."""
    labels = np.repeat(np.arange(3), [400, 100, 25])
    shown = np.stack(
        [np.bincount(labels[epoch(name, labels, 3, 1, (seed,), progress).ravel()], minlength=3) for seed in range(60)]
    )
    assert (np.abs(shown - 525 * shares) <= 1).all()
    np.testing.assert_allclose(shown.mean(axis=0), 525 * shares, atol=0.35)


def test_a_class_that_a_stage_lacks_is_not_shown_by_progressive_sampling():
    labels = np.repeat([0, 2], [30, 6])
    assert set(labels[epoch("progressive", labels, 3, 1, progress=1.0).ravel()]) == {0, 2}
