"""A model with answers is the photographs' model where nothing is answered, and adds their logits where it is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from derm_cli.engine import backend
from tests.support.tiny_network import SIZE, TINY, made_photographs

WEIGHTS = np.array([[1.0, 0.0, -1.0], [0.5, -2.0, 0.25]])


@pytest.fixture(scope="module")
def models():
    """The photographs' model, and the one that takes two answers beside."""
    backend.start(seed=3)
    from derm_cli.engine.answers import with_answers
    from derm_cli.engine.network import add_head

    network = add_head(TINY.build(SIZE, None), TINY, 3)
    return network.model, with_answers(network.model, WEIGHTS)


@pytest.fixture(scope="module")
def pixels():
    photographs, _ = made_photographs(9)
    return photographs.take(np.arange(9)).astype(np.float32)


def test_without_answers_it_is_the_photographs_model_bit_for_bit(models, pixels):
    alone, both = models
    without = both.predict_on_batch([pixels, np.zeros((9, 2), np.float32)])
    assert np.array_equal(without, alone.predict_on_batch(pixels))


def test_the_logits_of_the_answers_are_added(models, pixels):
    alone, both = models
    answers = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    photograph = alone.predict_on_batch(pixels)
    expected = softmax(np.log(photograph) + answers @ WEIGHTS, axis=1)
    assert np.abs(expected - photograph).max() > 0.1
    np.testing.assert_allclose(both.predict_on_batch([pixels, answers]), expected, atol=1e-5)


def test_the_photographs_model_is_found_in_it_again(models, pixels):
    from derm_cli.engine.answers import photograph_model
    from derm_cli.engine.class_maps import ClassMaps
    from derm_cli.engine.network import backbone_of, network_of_model

    alone, both = models
    assert photograph_model(alone) is alone
    found = photograph_model(both)
    assert np.array_equal(found.predict_on_batch(pixels), alone.predict_on_batch(pixels))
    backbone = backbone_of(network_of_model(found, TINY))
    assert len(backbone.weights) == len(alone.weights) - 2
    maps = ClassMaps(both)(pixels.astype(np.uint8))
    np.testing.assert_allclose(softmax(maps.mean(axis=(1, 2)), axis=1), alone.predict_on_batch(pixels), atol=1e-5)


def test_it_is_stored_and_loaded_as_any_model(models, pixels, tmp_path):
    import keras

    _, both = models
    both.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    answers = np.ones((9, 2), np.float32)
    assert [len(each.shape) for each in loaded.inputs] == [4, 2]
    assert loaded.inputs[1].name == "answers"
    assert np.array_equal(loaded.predict_on_batch([pixels, answers]), both.predict_on_batch([pixels, answers]))
