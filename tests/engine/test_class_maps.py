"""Class maps against what the network answers: they are its own scores, before they are averaged."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from derm_cli.engine.class_maps import ClassMaps
from derm_cli.engine.network import CLASS_MAP, add_head


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.fixture
def model(tiny):
    """A network whose feature map has 4 x 4 places, for photographs of 32 pixels."""
    return add_head(tiny.build(32, None), tiny, 3).model


@pytest.fixture
def pixels():
    return np.random.default_rng(2).integers(256, size=(5, 32, 32, 3), dtype=np.uint8)


def test_their_mean_over_the_places_is_the_answer(model, pixels):
    maps = ClassMaps(model)
    found = maps(pixels)
    assert (found.dtype, found.shape, maps.shape) == (np.float32, (5, 4, 4, 3), (4, 4))
    probabilities = model.predict(pixels.astype(np.float32), verbose=0)
    assert np.ptp(probabilities, axis=1).min() > 1e-3
    np.testing.assert_allclose(softmax(found.mean(axis=(1, 2))), probabilities, atol=1e-6)


def test_what_all_classes_have_in_common_is_not_shown(model, pixels):
    """It changes no answer, and so must change no map."""
    before = ClassMaps(model)(pixels)
    kernel, bias = model.get_layer(CLASS_MAP).get_weights()
    common = np.random.default_rng(3).normal(size=(*kernel.shape[:-1], 1)).astype(np.float32)
    model.get_layer(CLASS_MAP).set_weights([kernel + 5 * common, bias + 3])
    raw = keras.Model(model.input, model.get_layer(CLASS_MAP).output).predict(pixels.astype(np.float32), verbose=0)
    assert np.abs(raw - before).max() > 1
    np.testing.assert_allclose(ClassMaps(model)(pixels), before, atol=1e-4)


def test_a_place_answers_to_the_pixels_there(model, pixels):
    changed = pixels.copy()
    changed[:, :6, :6] = 255 - changed[:, :6, :6]
    difference = np.abs(ClassMaps(model)(changed) - ClassMaps(model)(pixels)).max(axis=(0, 3))
    assert difference[0, 0] > 1e-3
    assert difference[2:, 2:].max() < 1e-6
