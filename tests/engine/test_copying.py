"""Copies of a model: the same answers from another entry, and nothing shared."""

import numpy as np
import pytest

from derm_cli.engine import backend
from tests.support.tiny_network import SIZE, TINY

PHOTOGRAPHS = np.random.default_rng(3).uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")


@pytest.fixture
def model():
    backend.start(seed=2)
    return TINY.build(SIZE, None)


def test_a_copy_answers_alike_and_has_weights_of_its_own(model):
    import keras

    from derm_cli.engine.copying import copied_model

    copied = copied_model(
        model, keras.Input((SIZE, SIZE, 3)), changed=lambda config: {**config, "name": "my_" + config["name"]}
    )
    before = np.asarray(model(PHOTOGRAPHS))
    np.testing.assert_array_equal(copied(PHOTOGRAPHS), before)
    assert all(layer.name.startswith("my_") for layer in copied.layers if layer.weights)
    copied.set_weights([weight * 0 for weight in copied.get_weights()])
    np.testing.assert_array_equal(model(PHOTOGRAPHS), before)


def test_a_copy_reads_what_is_computed_from_its_entry(model):
    import keras

    from derm_cli.engine.copying import copied_model

    entry = keras.Input((SIZE, SIZE, 3))
    turned = keras.ops.flip(entry, axis=1)
    copied = copied_model(model, entry, reads=turned)
    np.testing.assert_allclose(copied(PHOTOGRAPHS), model(PHOTOGRAPHS[:, ::-1].copy()), atol=1e-6)
