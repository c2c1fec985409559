"""A phase whose head begins with a regression."""

import numpy as np
import pytest

from derm_cli.engine.features import predict_probabilities
from tests.support.tiny_network import TINY, TrainingLog, made_stage, trainer_for


@pytest.mark.parametrize("by_stage", [False, True])
def test_a_phase_begins_with_it_and_goes_on_from_there(photographs, by_stage):
    from derm_cli.engine.stage_inputs import ComputeOptions

    stage = made_stage([()], epochs=1, head_rate=1e-9, head_start=10.0, augment=False)
    trainer = trainer_for(TINY, photographs, stage, ComputeOptions(by_stage=by_stage))
    trainer.train(TrainingLog())
    pixels, labels = photographs
    assert (predict_probabilities(trainer.network, pixels, False).argmax(axis=1) == labels).mean() > 0.9


def test_frozen_norms_keep_every_bit_of_a_norm_in_a_block_that_learns(photographs):
    import keras

    stage = made_stage([("block2", "block1")], epochs=1, frozen_norms=True)
    trainer = trainer_for(TINY, photographs, stage)
    norms = [each for each in trainer.network.model.layers if isinstance(each, keras.layers.BatchNormalization)]
    before = [np.array(value) for norm in norms for value in norm.variables]

    trainer.train(TrainingLog())
    after = [np.array(value) for norm in norms for value in norm.variables]
    assert norms
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_class_without_a_photograph_is_never_the_answer(photographs):
    pixels, labels = photographs
    two = np.where(labels == 2, 0, labels).astype(labels.dtype)
    stage = made_stage([()], epochs=1, head_rate=1e-9, head_start=10.0, augment=False, sampler="natural")
    trainer = trainer_for(TINY, (pixels, two), stage)
    trainer.train(TrainingLog())
    assert set(predict_probabilities(trainer.network, pixels, False).argmax(axis=1)) == {0, 1}
