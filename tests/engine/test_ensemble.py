"""The mean of several networks' probabilities, as one flat network."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.engine import backend

backend.start()

from derm_cli.engine.ensemble import ensemble_network  # noqa: E402
from derm_cli.engine.network import PROBABILITIES, add_head  # noqa: E402
from tests.support.tiny_network import SIZE, TINY, build  # noqa: E402


def network(seed: int, dropout: float = 0.2):
    import keras

    keras.utils.set_random_seed(seed)
    model = add_head(build(SIZE, None, dropout), TINY, 3).model
    draw = np.random.default_rng(seed)
    # Statistics of BatchNorm too, which a fresh network has as 0 and 1.
    model.set_weights([each + draw.uniform(0.01, 0.1, each.shape).astype("float32") for each in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def models():
    return [network(seed) for seed in (1, 2, 3)]


@pytest.fixture(scope="module")
def photographs():
    return np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3)).astype("float32")


def test_its_probabilities_are_the_mean_of_the_members(models, photographs):
    members = np.stack([np.array(model(photographs, training=False)) for model in models])
    found = np.array(ensemble_network(models)(photographs, training=False))
    np.testing.assert_allclose(found, members.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.abs(members[0] - found).max() > 1e-3, "the members differ"
    # The mean of the logits is another answer.
    product = np.exp(np.log(members).mean(axis=0))
    assert np.abs(product / product.sum(axis=1, keepdims=True) - found).max() > 1e-4


def test_it_is_flat_takes_one_photograph_and_leaves_the_members_as_they_are(models, photographs):
    import keras

    before = [np.array(model(photographs, training=False)) for model in models]
    ensemble = ensemble_network(models)
    assert not any(isinstance(layer, keras.Model) for layer in ensemble.layers)
    assert (ensemble.input_shape, ensemble.output_shape) == ((None, SIZE, SIZE, 3), (None, 3))
    assert ensemble.layers[-1].name == PROBABILITIES
    assert ensemble.count_params() == sum(model.count_params() for model in models)
    ensemble.set_weights([np.zeros_like(each) for each in ensemble.get_weights()])
    for model, answers in zip(models, before, strict=True):
        np.testing.assert_array_equal(np.array(model(photographs, training=False)), answers)


def test_members_may_be_built_differently_and_it_is_stored(models, photographs, tmp_path):
    import keras

    entry = keras.Input((SIZE, SIZE, 3))
    other = keras.Model(entry, keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(entry / 255.0)))
    pair = [models[0], other]
    ensemble = ensemble_network(pair)
    expected = np.mean([np.array(model(photographs, training=False)) for model in pair], axis=0)
    ensemble.save(tmp_path / "e.keras")
    stored = keras.saving.load_model(tmp_path / "e.keras", compile=False)
    np.testing.assert_allclose(np.array(stored(photographs, training=False)), expected, atol=1e-6)
