"""A block that is switched on is in training mode, one that is switched off in inference mode; nothing else changes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from derm_cli.engine.freeze_switches import can_switch
from derm_cli.engine.network import add_head, with_switches
from derm_cli.engine.stepping import loss_and_hits
from derm_cli.plugin import HEAD, STEM, LossFacts
from derm_recipes.losses import cross_entropy
from tests.support.tiny_network import TINY, build

EVERY = ("block2", "block1", STEM)
INPUTS = np.random.default_rng(0).uniform(0, 255, (6, 16, 16, 3)).astype("float32")
CROSS_ENTROPY = cross_entropy({}, LossFacts(counts=()))
TARGETS = np.eye(3, dtype="float32")[np.arange(6) % 3]


@pytest.fixture
def network():
    """A network whose statistics are not those that it was made with."""
    made, draw = add_head(build(16, None), TINY, 3), np.random.default_rng(1)
    for variable in made.model.variables:
        if "moving" in variable.path:
            variable.assign(draw.uniform(0.1, 0.5, variable.shape) * (-1 if "mean" in variable.path else 1))
    return made


def learning(network, on):
    """Let the blocks ``on`` learn in a network that freezes by value, as the original would."""
    copied, switches = with_switches(network)
    copied.unfreeze(EVERY, 0.9)
    for name, switch in switches.items():
        switch.assign(float(name in on))
    return copied


def step(network):
    """Return the gradients of a training step by variable, and its loss; statistics move on the way."""
    with tf.GradientTape() as tape:
        logits = keras.Model(network.model.input, network.logits)(INPUTS, training=True)
        loss, _ = loss_and_hits(CROSS_ENTROPY, TARGETS, logits, np.float32([1, 0, 0]))
    variables = network.model.trainable_variables
    return {each.path: np.array(got) for each, got in zip(variables, tape.gradient(loss, variables), strict=True)}, loss


def statistics(network):
    return {each.path: np.array(each) for each in network.model.variables if "moving" in each.path}


def assert_same(found, wanted, rtol=0.0, atol=0.0):
    assert found.keys() == wanted.keys()
    for path, value in found.items():
        np.testing.assert_allclose(value, wanted[path], rtol, atol, err_msg=path)


def test_all_on_is_training_mode(network):
    copied = learning(network, EVERY)
    network.unfreeze(EVERY, 0.9)
    before = statistics(network)
    (ours, loss), (theirs, wanted) = step(copied), step(network)
    assert float(loss) == pytest.approx(float(wanted), rel=1e-6)
    assert_same(ours, theirs, 1e-3, 1e-6)
    assert_same(statistics(copied), after := statistics(network), 1e-5, 1e-6)
    assert all((after[path] != value).all() for path, value in before.items())
    # The generators of dropout went on together too: a second step drops the same.
    assert float(step(copied)[1]) == pytest.approx(float(step(network)[1]), rel=1e-6)


def test_all_off_is_inference_mode_and_no_statistic_moves_by_a_bit(network):
    copied, before = learning(network, ()), statistics(network)
    np.testing.assert_allclose(
        copied.model(INPUTS, training=True), network.model(INPUTS, training=False), rtol=1e-5, atol=1e-6
    )
    assert_same(statistics(copied), before)


def test_inference_asks_no_switch(network):
    copied, before = learning(network, EVERY), statistics(network)
    np.testing.assert_array_equal(copied.model(INPUTS, training=False), network.model(INPUTS, training=False))
    assert_same(statistics(copied), before)


@pytest.mark.parametrize("on", [("block2",), ("block1",), ("block2", STEM)])
def test_each_block_has_its_own_switch(on):
    """Without dropout, which a block frozen in the other way keeps above the lowest that learns."""
    network = add_head(build(16, None, dropout=0.0), TINY, 3)
    copied, before = learning(network, on), statistics(network)
    network.unfreeze(on, 0.9)
    (ours, loss), (theirs, wanted) = step(copied), step(network)
    assert float(loss) == pytest.approx(float(wanted), rel=1e-6)
    assert_same({path: value for path, value in ours.items() if path in theirs}, theirs, 1e-3, 1e-6)
    assert_same(statistics(copied), after := statistics(network), 1e-5, 1e-6)
    moved = {path.split("_bn")[0] for path, value in after.items() if (value != before[path]).any()}
    assert moved == set(on)


def test_a_dropout_that_is_off_drops_nothing(network):
    drops = keras.Model(network.model.input, network.features)
    for on, dropped in ((("block2",), True), ((), False)):
        copied = learning(network, on)
        flow = np.array(keras.Model(copied.model.input, copied.features)(INPUTS, training=True))
        assert ((flow == 0) & (np.array(drops(INPUTS)) > 0)).any() == dropped


class Noisy(keras.layers.Layer):
    def call(self, inputs, training=False):
        return inputs


@pytest.mark.parametrize(
    ("layer", "can"),
    [
        (keras.layers.BatchNormalization(), True),
        (keras.layers.Dropout(0.1), True),
        (keras.layers.Conv2D(3, 1), True),
        (keras.layers.BatchNormalization(renorm=True), False),
        (keras.layers.GaussianNoise(0.1), False),
        (Noisy(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_trains_in_a_way_of_its_own_cannot_be_switched(layer, can):
    assert can_switch(layer) is can


def test_the_head_has_no_switch(network):
    _, switches = with_switches(network)
    assert list(switches) == list(EVERY)
    assert HEAD in network.blocks
