from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derm_cli.engine.batches import draw_epoch, sequential_batches, steps_per_epoch
from derm_cli.engine.components import phase_components
from derm_cli.taxonomy import LesionClass
from tests.support.tiny_network import COMPONENTS, made_stage


def test_an_epoch_shows_as_many_photographs_as_there_are():
    assert steps_per_epoch(2744, 13, 1) == 212
    assert steps_per_epoch(12, 6, 2) == 1


# What is asked of the network.

LABELS = np.random.default_rng(5).integers(0, 4, 50)


CLASSES = tuple(LesionClass(name=each, title=each) for each in "abcd")


def epoch_batches(seed=0, labels=LABELS, per_class=2, **options):
    stage = replace(made_stage(**options), classes=CLASSES)
    components = phase_components(stage, stage.phases[0], labels, COMPONENTS)
    return draw_epoch(components, labels, 4, per_class, (seed,))


@pytest.mark.parametrize("sampling", ["balanced", "natural"])
def test_a_draw_has_the_batches_of_its_sampler_and_their_labels(sampling):
    found = epoch_batches(3, sampling=sampling)
    assert (found.indices.dtype, found.targets.dtype) == (np.int32, np.float32)
    assert found.indices.shape == (steps_per_epoch(50, 4, 2), 8)
    assert (np.bincount(found.indices.ravel()) == 1).all() == (sampling == "natural" and found.indices.size == 50)
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
    assert (found.partners.dtype, found.mix.shares.dtype, found.targets.dtype) == (np.int32, np.float32, np.float32)
    smooth = np.eye(4)[LABELS[found.indices]] * 0.9 + 0.025
    for step, partners in enumerate(found.partners):
        assert sorted(partners) == list(range(found.indices.shape[1]))
        kept = found.mix.shares[step][:, np.newaxis]
        np.testing.assert_allclose(
            found.targets[step], kept * smooth[step] + (1 - kept) * smooth[step][partners], rtol=1e-5
        )
        places, *mixing = found.inputs(step, found.indices[step])
        for one, other in zip((places, *mixing), (found.indices, found.partners, found.mix.shares), strict=True):
            np.testing.assert_array_equal(one, other[step])
    assert (found.partners != np.arange(8)).any(axis=1).all()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_shares_are_of_the_beta_distribution(alpha):
    from scipy import stats

    shares = epoch_batches(labels=np.arange(4000) % 4, mixup=alpha).mix.shares.ravel()
    # Float32 may round a share just below 1 to it, which is no density of its own.
    assert stats.kstest(shares, stats.beta(alpha, alpha).cdf).statistic < 0.03


def test_a_draw_depends_on_its_seed_alone_and_mixing_leaves_the_batches_as_they_are():
    one, again, other = (epoch_batches(seed, mixup=0.4) for seed in (1, 1, 2))
    for name in ("indices", "targets", "partners"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    np.testing.assert_array_equal(one.mix.shares, again.mix.shares)
    assert (one.mix.shares != other.mix.shares).any()
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
