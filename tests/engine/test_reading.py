"""What a network reads: the middle of a photograph, and statistics of middle blocks."""

import keras
import numpy as np
import pytest

from derm_cli.engine.network import add_head
from derm_cli.engine.reading import check_reading, margin_of, reading_spec
from derm_cli.errors import RequestError
from derm_cli.plugin import STEM
from tests.support.tiny_network import TINY

PHOTOGRAPHS = np.random.default_rng(0).uniform(0, 255, (2, 20, 20, 3)).astype("float32")


def built(spec, size=20):
    keras.utils.set_random_seed(3)
    return spec.build(size, None)


def values(model, photographs):
    return [np.asarray(each) for each in keras.tree.flatten(model(photographs, training=False))]


def test_without_a_focus_and_with_the_mean_a_backbone_is_itself():
    assert reading_spec(TINY, 1.0, "mean") is TINY


@pytest.mark.parametrize(("size", "focus", "margin"), [(228, 0.7, 34), (20, 0.8, 2), (224, 1.0, 0), (100, 0.5, 25)])
def test_the_margin_is_what_the_focus_leaves_out(size, focus, margin):
    assert margin_of(size, focus) == margin


def test_with_a_focus_a_network_sees_the_middle_alone():
    focused, plain = built(reading_spec(TINY, 0.8, "mean")), built(TINY, 16)
    assert focused.input_shape == (None, 20, 20, 3)
    np.testing.assert_array_equal(values(focused, PHOTOGRAPHS)[0], values(plain, PHOTOGRAPHS[:, 2:-2, 2:-2])[0])
    other = np.array(PHOTOGRAPHS)
    other[:, :2], other[:, -2:], other[:, :, :2], other[:, :, -2:] = 0, 0, 0, 0
    np.testing.assert_array_equal(values(focused, other)[0], values(focused, PHOTOGRAPHS)[0])


def test_statistics_are_means_and_mean_absolute_deviations_of_the_ends_of_blocks():
    """Computed from the maps themselves in NumPy."""
    spec = reading_spec(TINY, 1.0, "statistics")
    model = built(spec)
    plain = built(TINY)
    (found,) = values(model, PHOTOGRAPHS)
    assert found.shape[1:3] == (1, 1)
    names = [block.name for block in TINY.blocks][1:]
    expected = []
    for name in reversed(names):
        (block,) = (each for each in TINY.blocks if each.name == name)
        inside = [layer for layer in plain.layers if any(layer.name.startswith(p.rstrip("*")) for p in block.layers)]
        (feature_map,) = values(keras.Model(plain.input, inside[-1].output), PHOTOGRAPHS)
        mean = feature_map.mean(axis=(1, 2), keepdims=True)
        expected += [mean, np.abs(feature_map - mean).mean(axis=(1, 2), keepdims=True)]
    np.testing.assert_allclose(found, np.concatenate(expected, axis=-1), rtol=1e-4, atol=1e-5)


def test_blocks_above_what_is_read_are_gone_and_the_others_stay():
    spec = reading_spec(TINY, 0.8, "statistics")
    assert [block.name for block in spec.blocks] == [block.name for block in TINY.blocks][1:]
    network = add_head(built(spec), spec, 3)
    assert set(network.blocks) == {*(block.name for block in spec.blocks), STEM, "head"}
    assert network.features.shape[1:3] == (1, 1)


def test_a_finished_network_is_made_of_keras_s_own_layers(tmp_path):
    spec = reading_spec(TINY, 0.8, "statistics")
    network = add_head(built(spec), spec, 3)
    network.model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(values(again, PHOTOGRAPHS)[0], values(network.model, PHOTOGRAPHS)[0])
    assert {type(layer).__module__.partition(".")[0] for layer in again.layers} == {"keras"}


@pytest.mark.parametrize(
    ("focus", "pooling", "said"),
    [
        (0.05, "mean", "--focus is '0.05', but must be a share"),
        (1.2, "mean", "--focus is '1.2'"),
        (1.0, "max", "--pooling is 'max', but must be one of mean, statistics"),
    ],
)
def test_what_cannot_be_read_is_refused(focus, pooling, said):
    with pytest.raises(RequestError, match=said):
        check_reading(focus, pooling)
