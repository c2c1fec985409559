"""Phases that show photographs smaller: as a network that was built for that size, and no other thing beside."""

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.engine.network import copy_weights
from derm_cli.engine.reading import check_scale, reading_spec
from derm_cli.engine.shrinking import Shrink, area_weights
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.validating import Validation
from derm_cli.errors import DermError, RequestError
from tests.support.tiny_network import SIZE, TINY, TrainingLog, assert_close, made_stage, trainer_for


def halved(pixels):
    """The mean of each four pixels."""
    count, side = pixels.shape[:2]
    return pixels.reshape(count, side // 2, 2, side // 2, 2, 3).mean(axis=(2, 4))


class FloatPhotographs:
    """Photographs that are no bytes, which nothing rounds."""

    def __init__(self, values):
        self.values, self.shape, self.nbytes, self.dtype = values, values.shape, values.nbytes, values.dtype

    def take(self, indices):
        return self.values[indices]


def test_each_pixel_is_the_mean_of_what_it_covers():
    np.testing.assert_allclose(area_weights(3, 2), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]], rtol=1e-6)
    np.testing.assert_allclose(area_weights(214, 96).sum(axis=1), 1, rtol=1e-5)
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 8, 8, 3)).astype("float32")
    np.testing.assert_allclose(Shrink(8, 0.5)(pixels), halved(pixels), rtol=1e-5)
    np.testing.assert_allclose(area_weights(8, 8), np.eye(8))


def test_the_margin_that_a_network_crops_stays_as_wide():
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 12, 12, 3)).astype("float32")
    shrunk = np.asarray(Shrink(12, 0.5, margin=2)(pixels))
    assert shrunk.shape == (2, 8, 8, 3)
    np.testing.assert_allclose(shrunk[:, 2:-2, 2:-2], halved(pixels[:, 2:-2, 2:-2]), rtol=1e-5)


@pytest.mark.parametrize("by_stage", [False, True])
@pytest.mark.parametrize("focus", [1.0, 0.75])
def test_a_phase_at_half_the_size_trains_as_a_network_of_half_the_size(photographs, by_stage, focus):
    pixels, labels = photographs
    values = pixels.take(np.arange(len(labels))).astype("float32")
    inner = values if focus == 1 else values[:, 2:-2, 2:-2]
    small = FloatPhotographs(halved(inner).astype("float32"))
    stage = made_stage([("block2",)], epochs=2, scale=0.5)
    # The network's own dropout draws as many numbers as its map has, so it is left out.
    spec = replace(TINY, build=lambda size, weights: TINY.build(size, weights, dropout=0.0))
    begin = trainer_for(spec, photographs, made_stage()).network
    ours = trainer_for(
        reading_spec(spec, focus, "mean"), photographs, stage, ComputeOptions(by_stage=by_stage), augmentation=None
    )
    theirs = trainer_for(spec, (small, labels), made_stage([("block2",)], epochs=2), augmentation=None)
    for trainer in (ours, theirs):
        copy_weights(begin, trainer.trained)
    logs = TrainingLog(), TrainingLog()
    ours.train(logs[0])
    theirs.train(logs[1])
    np.testing.assert_allclose(logs[0].losses, logs[1].losses, rtol=1e-3)
    assert_close(ours, theirs)


def test_the_last_phase_and_validation_are_at_full_size(photographs):
    pixels, _ = photographs
    stage = made_stage([("block2",)] * 2, epochs=1)
    small, whole = stage.phases
    stage = replace(stage, phases=(replace(small, options=replace(small.options, scale=0.5)), whole))
    log = TrainingLog()
    trainer = trainer_for(TINY, photographs, stage, validation=Validation(*photographs))
    trainer.train(log)
    assert trainer.network.model.input_shape == (None, SIZE, SIZE, 3) == (None, *pixels.shape[1:])
    assert all(epoch.validation for epoch in log.epochs)


def test_a_backbone_of_one_size_alone_is_told_of(photographs):
    def build(size, weights):
        import keras

        body = TINY.build(size, weights)
        flat = keras.layers.Reshape((body.output.shape[1] * body.output.shape[2], 8), name="block2_flat")(body.output)
        return keras.Model(body.input, keras.layers.Reshape((1, -1, 8), name="block2_row")(flat))

    stage = made_stage([("block2",)], epochs=1, scale=0.5)
    trainer = trainer_for(replace(TINY, build=build), photographs, stage)
    with pytest.raises(DermError, match="Phase 'p0' has a scale, but the backbone takes photographs of its own size"):
        trainer.train(TrainingLog())


def test_too_little_left_to_look_at_is_refused():
    with pytest.raises(
        RequestError, match=r"scale '0\.2', which leaves 26 of 128 pixels a side, but a network needs 32"
    ):
        check_scale("head", 0.2, 128)
    check_scale("head", 0.25, 128)
    check_scale("head", 1.0, 16)
