import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derm_cli.engine.batches import balanced_epoch, draw_epoch, natural_epoch, sequential_batches, steps_per_epoch
from derm_cli.plan import PhaseOptions

EPOCHS = pytest.mark.parametrize("epoch", [balanced_epoch, natural_epoch])


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


@EPOCHS
def test_the_order_depends_on_the_seed_alone(epoch):
    labels = np.repeat(np.arange(3), 20)
    np.random.seed(1)  # noqa: NPY002
    first = epoch(labels, 3, 1, (7, 0))
    np.random.seed(2)  # noqa: NPY002
    again, other = (epoch(labels, 3, 1, seed) for seed in [(7, 0), (7, 1)])
    assert (first == again).all()
    assert (first != other).any()


@given(
    counts=st.lists(st.integers(0, 40), min_size=2, max_size=6).filter(any),
    per_class=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_a_natural_epoch_shows_each_photograph_once_and_fills_the_last_batch_anew(counts, per_class, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    batches = natural_epoch(labels, len(counts), per_class, (seed,))
    assert batches.dtype == np.int32
    assert batches.shape == (steps_per_epoch(len(labels), len(counts), per_class), len(counts) * per_class)
    shown, filling = np.split(batches.ravel(), [len(labels)])
    assert sorted(shown) == list(range(len(labels)))
    for dealt_anew in np.split(filling, range(len(labels), len(filling), len(labels))):
        assert len(set(dealt_anew)) == len(dealt_anew)


def test_what_fills_the_last_batch_differs_by_seed():
    filling = {int(natural_epoch(np.arange(5), 2, 3, (seed,))[-1, -1]) for seed in range(40)}
    assert filling == set(range(5))


def test_a_class_without_a_photograph_is_refused():
    with pytest.raises(ValueError, match="without a photograph"):
        balanced_epoch(np.zeros(4, dtype=int), 2, 1, (0,))


# What is asked of the network.

LABELS = np.random.default_rng(5).integers(0, 4, 50)


def epoch_batches(seed=0, labels=LABELS, per_class=2, **options):
    return draw_epoch(labels, 4, per_class, PhaseOptions(**options), (seed,))


@pytest.mark.parametrize(("sampling", "epoch"), [("balanced", balanced_epoch), ("natural", natural_epoch)])
def test_a_draw_has_the_batches_of_its_sampling_and_their_labels(sampling, epoch):
    found = epoch_batches(3, sampling=sampling)
    np.testing.assert_array_equal(found.indices, epoch(LABELS, 4, 2, (3,)))
    assert found.targets.dtype == np.float32
    np.testing.assert_array_equal(found.targets, np.eye(4)[LABELS[found.indices]])
    (places,) = found.inputs(1, found.indices[1])
    np.testing.assert_array_equal(places, found.indices[1])


def test_smoothing_spreads_a_share_of_the_label_over_all_classes():
    found = epoch_batches(label_smoothing=0.2)
    right = np.eye(4, dtype=bool)[LABELS[found.indices]]
    np.testing.assert_allclose(found.targets[right], 0.85, rtol=1e-6)
    np.testing.assert_allclose(found.targets[~right], 0.05, rtol=1e-6)
    np.testing.assert_allclose(found.targets.sum(axis=-1), 1.0, rtol=1e-6)


def test_mixup_mixes_each_photograph_with_one_of_its_batch():
    """Zhang et al. 2018: x = kept * x_i + (1 - kept) * x_j, and the same of the labels."""
    found = epoch_batches(mixup=0.4, label_smoothing=0.1)
    assert (found.partners.dtype, found.shares.dtype, found.targets.dtype) == (np.int32, np.float32, np.float32)
    smooth = np.eye(4)[LABELS[found.indices]] * 0.9 + 0.025
    for step, partners in enumerate(found.partners):
        assert sorted(partners) == list(range(found.indices.shape[1]))
        kept = found.shares[step][:, np.newaxis]
        np.testing.assert_allclose(
            found.targets[step], kept * smooth[step] + (1 - kept) * smooth[step][partners], rtol=1e-5
        )
        places, *mixing = found.inputs(step, found.indices[step])
        for one, other in zip((places, *mixing), (found.indices, found.partners, found.shares), strict=True):
            np.testing.assert_array_equal(one, other[step])
    assert (found.partners != np.arange(8)).any(axis=1).all()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_shares_are_of_the_beta_distribution(alpha):
    from scipy import stats

    shares = epoch_batches(labels=np.arange(4000) % 4, mixup=alpha).shares.ravel()
    # Float32 may round a share just below 1 to it, which is no density of its own.
    assert stats.kstest(shares, stats.beta(alpha, alpha).cdf).statistic < 0.03


def test_a_draw_depends_on_its_seed_alone_and_mixing_leaves_the_batches_as_they_are():
    one, again, other = (epoch_batches(seed, mixup=0.4) for seed in (1, 1, 2))
    for first, second in zip(vars(one).values(), vars(again).values(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert (one.shares != other.shares).any()
    assert (one.partners != other.partners).any()
    np.testing.assert_array_equal(one.indices, epoch_batches(1).indices)


@given(count=st.integers(1, 70), size=st.integers(1, 33))
def test_in_order_gives_every_place_and_fills_up_with_the_first(count, size):
    batches = list(sequential_batches(count, size))
    assert {(len(batch), batch.dtype) for batch in batches} == {(size, np.dtype("int32"))}
    places = np.concatenate(batches)
    np.testing.assert_array_equal(places[:count], np.arange(count))
    assert not places[count:].any()
    assert len(places) - count < size
