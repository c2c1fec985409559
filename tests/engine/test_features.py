"""Photographs that do not change go through the frozen part of a network once a phase."""

import keras
import numpy as np
import pytest

from derm_cli.engine.cutting import cut_network
from derm_cli.engine.features import BATCH, CachedFeatures, compute_features, feature_bytes, predict_probabilities
from derm_cli.engine.network import add_head
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.validating import Validation
from derm_cli.plan import PAPER_AUGMENTATION
from tests.support.tiny_network import TINY, TrainingLog, assert_close, made_photographs, made_stage, trainer_for

COUNT = 2 * BATCH
"""Whole batches, so that nothing is read to fill one up."""
NOTHING_KEPT = ComputeOptions(resident_bytes=0)
AVERAGES = COUNT * 8 * 4
"""The bytes of the tiny network's features, averaged: float32 of eight channels."""


class Counted:
    """Photographs that count how often each was read."""

    def __init__(self, photographs):
        self._photographs, self.reads = photographs, np.zeros(len(photographs), dtype=int)

    def __getattr__(self, name):
        return getattr(self._photographs, name)

    def take(self, indices):
        np.add.at(self.reads, indices, 1)
        return self._photographs.take(indices)


@pytest.fixture
def counted():
    pixels, labels = made_photographs(COUNT)
    return Counted(pixels), labels


def test_features_are_those_of_the_part_below_the_cut(photographs):
    pixels, _ = photographs
    network = add_head(TINY.build(16, None), TINY, 3)
    divided = cut_network(network, ("block2",))
    kept = compute_features(divided, pixels, False, "made")
    everything = pixels.take(np.arange(48)).astype("float32")
    assert kept.shape == (48, 4, 4, 6)
    np.testing.assert_allclose(kept.values, keras.tree.flatten(divided.below(everything))[0], rtol=1e-5, atol=1e-6)
    assert kept.nbytes == feature_bytes(divided, 48) == 48 * 4 * 4 * 6 * 4
    np.testing.assert_array_equal(kept.take(np.array([5, 5, 0])), kept.values[[5, 5, 0]])


def test_where_the_head_alone_learns_the_average_is_enough(photographs):
    """The head is linear until its own average."""
    pixels, _ = photographs
    network = add_head(TINY.build(16, None), TINY, 3)
    kept = compute_features(cut_network(network, ()), pixels, False, "made")
    assert kept.shape == (48, 1, 1, 8)
    everything = pixels.take(np.arange(48)).astype("float32")
    features, logits = keras.Model(network.model.input, [network.features, network.logits])(everything)
    np.testing.assert_allclose(kept.values[:, 0, 0], np.mean(features, axis=(1, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(network.apply_head(kept.values), logits, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("count", [1, BATCH, 48])
def test_probabilities_are_the_network_s_own(count):
    pixels, _ = made_photographs(count)
    network = add_head(TINY.build(16, None), TINY, 3)
    found = predict_probabilities(network, pixels, False)
    assert found.shape == (count, 3)
    np.testing.assert_allclose(found, network.model(pixels.take(np.arange(count)).astype("float32")), rtol=1e-5)


@pytest.mark.parametrize("by_stage", [False, True])
def test_each_photograph_is_read_once_for_all_epochs_of_a_phase(counted, by_stage):
    pixels, labels = counted
    trainer = trainer_for(
        TINY, (pixels, labels), made_stage([()], epochs=4), ComputeOptions(by_stage=by_stage), augmentation=None
    )
    trainer.train(TrainingLog())
    assert set(pixels.reads) == {1}


def test_each_phase_computes_the_features_of_its_own_cut(counted):
    pixels, labels = counted
    shapes = []

    def look(position):
        if position.epoch and not position.step:
            shapes.append(trainer.programs._phase_programs.copy().popitem()[1].program.feed.layer.photographs.shape)

    trainer = trainer_for(TINY, (pixels, labels), made_stage(epochs=2), augmentation=None)
    trainer.train(TrainingLog(look))
    assert set(pixels.reads) == {3}
    assert shapes[::2] == [(COUNT, 1, 1, 8), (COUNT, 4, 4, 6), (COUNT, 8, 8, 4)]


@pytest.mark.parametrize(
    ("compute", "inputs", "options"),
    [
        (ComputeOptions(), {"augmentation": PAPER_AUGMENTATION}, {}),
        (ComputeOptions(), {}, {"mixup": 0.2}),
        (ComputeOptions(resident_bytes=AVERAGES - 1), {}, {}),
        (NOTHING_KEPT, {}, {}),
    ],
    ids=["augmented", "mixed", "a byte too large", "no memory"],
)
def test_nothing_is_kept_where_photographs_change_or_features_do_not_fit(
    counted, monkeypatch, compute, inputs, options
):
    monkeypatch.setattr("derm_cli.engine.programs.compute_features", lambda *_: pytest.fail("features were computed"))
    stage = made_stage([()], epochs=2, **options)
    trainer = trainer_for(TINY, counted, stage, compute, **{"augmentation": None, **inputs})
    trainer.train(TrainingLog())
    # Photographs that are resident are read once, others whenever a window is filled: at each epoch anew.
    assert (counted[0].reads.max() == 1) == (compute == ComputeOptions())


def test_features_that_just_fit_are_kept(counted):
    trainer_for(
        TINY, counted, made_stage([()], epochs=3), ComputeOptions(resident_bytes=AVERAGES), augmentation=None
    ).train(TrainingLog())
    assert set(counted[0].reads) == {1}


@pytest.mark.parametrize("blocks", [((),), ((), ("block2",))], ids=["head alone", "two phases"])
@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1, "ema": 0.8, "dropout": 0.3}], ids=["plain", "more"])
def test_keeping_features_changes_no_weight(photographs, blocks, options):
    found = []
    for compute in (ComputeOptions(), NOTHING_KEPT):
        log = TrainingLog()
        trainer = trainer_for(TINY, photographs, made_stage(blocks, **options), compute, augmentation=None)
        trainer.train(log)
        found.append((trainer, log.losses))
    (kept, losses), (anew, expected) = found
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    assert_close(kept, anew)


def test_the_validation_part_goes_through_the_frozen_part_once_a_phase(counted):
    pixels, labels = counted
    reads = []

    def look(position):
        if not position.step:
            reads.append(set(pixels.reads))

    trainer = trainer_for(
        TINY,
        made_photographs(),
        made_stage(epochs=3),
        augmentation=PAPER_AUGMENTATION,
        validation=Validation(pixels, labels),
    )
    trainer.train(TrainingLog(look))
    # At the end of each of three epochs, and of the phase.
    assert reads == [{phase} for phase in (1, 2, 3) for _ in range(4)]


def test_a_validation_part_that_does_not_fit_is_read_at_each_look(counted):
    pixels, labels = counted
    stage = made_stage([()], epochs=3)
    trainer_for(TINY, made_photographs(), stage, NOTHING_KEPT, validation=Validation(pixels, labels)).train(
        TrainingLog()
    )
    assert set(pixels.reads) == {3}


def test_kept_features_are_a_source_like_photographs():
    kept = CachedFeatures(np.zeros((3, 2, 2, 5), "float32"))
    assert (kept.shape, kept.nbytes, kept.dtype) == ((3, 2, 2, 5), 3 * 2 * 2 * 5 * 4, np.dtype("float32"))
