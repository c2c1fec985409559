"""A temperature on a network of its own: in its weights, and only where it can be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.evaluation.metrics.calibration import calibration_of, fit_temperature
from derm_cli.plugin import BackboneSpec, Block
from derm_cli.workflows.training.calibrating import FEWEST, calibrate

SIZE = 8


def build(size: int, weights: str | None):
    import keras

    entry = keras.Input((size, size, 3))
    return keras.Model(entry, keras.layers.Rescaling(1 / 255, name="scale")(entry))


SPEC = BackboneSpec(
    name="one",
    title="One",
    parameters=1,
    input_size=SIZE,
    build=build,
    blocks=(Block(name="scale", layers=("scale",)),),
)


@pytest.fixture
def network():
    """A network that is far too sure: each class is a colour, and its logits are ten times the right ones."""
    backend.start(seed=2)
    from derm_cli.engine.network import add_head

    made = add_head(build(SIZE, None), SPEC, 3)
    made.model.get_layer("class_map").set_weights([(40 * np.eye(3)).reshape(1, 1, 3, 3), np.zeros(3)])
    return made


def part(count: int, *, right: bool = False) -> Samples:
    """Photographs of one colour each, and classes that are drawn by how strong each channel is."""
    rng = np.random.default_rng(0)
    colours = rng.random((count, 3))
    logits = 4 * colours
    powers = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = colours.argmax(axis=1) if right else np.array([rng.choice(3, p=each) for each in powers])
    pixels = np.broadcast_to((255 * colours).round()[:, None, None], (count, SIZE, SIZE, 3)).astype(np.uint8)
    return Samples(Photographs(((pixels, np.arange(count)),)), truth.astype(np.int32), pd.DataFrame(index=range(count)))


def answers(network, validation: Samples) -> np.ndarray:
    pixels = validation.photographs.take(np.arange(len(validation.labels)))
    return np.asarray(network.model(pixels.astype(np.float32)), dtype=np.float64)


@pytest.mark.parametrize(("scale", "bound"), [(100.0, "20"), (1e-4, "0.05")])
def test_a_temperature_at_its_bound_is_said_and_not_used(network, scale, bound, caplog):
    network.divide_logits(1 / scale)
    validation = part(200)
    before = network.head[0].get_weights()[0]
    found = calibrate(network, validation)
    assert (found.value, found.log_loss, found.ece, found.cases) == (1.0, None, None, 200)
    assert found.reason == f"With the best temperature at or beyond {bound}, a bound of 0.05 to 20,"
    assert f"{found.reason} none is used: probabilities are as the network gave them." in caplog.text
    np.testing.assert_array_equal(network.head[0].get_weights()[0], before)


def test_logits_are_divided_in_the_head_s_own_weights(network):
    validation, layers = part(600), [each.name for each in network.model.layers]
    kernel, before = network.head[0].get_weights()[0], answers(network, validation)
    found = calibrate(network, validation)
    # The classes were drawn from logits a tenth as large.
    assert found.value == pytest.approx(10, rel=0.15)
    assert found.cases == 600
    assert found.reason == ""
    np.testing.assert_allclose(network.head[0].get_weights()[0], kernel / found.value, rtol=1e-6)
    assert [each.name for each in network.model.layers] == layers
    after, truth = answers(network, validation), validation.labels.astype(np.intp)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    assert found.log_loss == pytest.approx([calibration_of(each, truth).log_loss for each in (before, after)], rel=1e-3)
    assert found.ece == pytest.approx([calibration_of(each, truth).ece for each in (before, after)], abs=1e-3)
    assert found.log_loss[1] < found.log_loss[0]
    assert fit_temperature(np.log(after), truth) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("validation", "cases", "reason"),
    [
        (None, 0, "With 0 validation photographs"),
        (part(FEWEST - 1), FEWEST - 1, f"With {FEWEST - 1} validation photographs"),
        # The colder the more sure, and always right: there is no best temperature.
        (part(60, right=True), 60, "With all 60 validation photographs right"),
    ],
)
def test_what_cannot_be_told_leaves_the_network_as_it_is(network, validation, cases, reason):
    kernel = network.head[0].get_weights()[0]
    found = calibrate(network, validation)
    assert (found.value, found.cases, found.log_loss, found.ece, found.reason) == (1.0, cases, None, None, reason)
    np.testing.assert_array_equal(network.head[0].get_weights()[0], kernel)


def test_a_network_that_gives_no_numbers_is_left_alone(network):
    network.head[0].set_weights([np.full((1, 1, 3, 3), np.nan), np.zeros(3)])
    assert calibrate(network, part(60)).reason == "With logits that are no numbers"
