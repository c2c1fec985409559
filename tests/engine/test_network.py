from dataclasses import replace

import keras
import numpy as np
import pytest

from derm_cli.engine.network import (
    add_head,
    backbone_of,
    copy_value,
    copy_weights,
    network_of_model,
    network_variables,
    with_switches,
)
from derm_cli.errors import DermError
from derm_cli.plugin import HEAD, STEM, Block


def test_the_class_map_averages_to_the_logits(tiny):
    network = add_head(tiny.build(32, None), tiny, 3)
    photographs = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    both = keras.Model(network.model.input, [network.class_map, network.logits])
    class_map, logits = both.predict(photographs, verbose=0)
    assert class_map.shape == (2, 4, 4, 3)
    np.testing.assert_allclose(class_map.mean(axis=(1, 2)), logits, atol=1e-5)
    np.testing.assert_allclose(network.model.predict(photographs, verbose=0).sum(axis=1), 1.0, atol=1e-6)


def test_only_the_head_and_the_named_blocks_are_trainable(tiny):
    network = add_head(tiny.build(16, None), tiny, 3)
    network.unfreeze(("block2",), 0.9)
    moving = {variable.path.split("/")[0] for variable in network.model.trainable_variables}
    assert moving == {"class_map", "block2_conv", "block2_bn"}
    network.unfreeze(("block2", "block1", STEM), 0.9)
    assert len(network.model.trainable_variables) == 3 * 4 + 2


def test_layers_are_set_as_they_were(tiny):
    network = add_head(tiny.build(16, None), tiny, 3)
    network.unfreeze(("block2",), 0.9, frozen_norms=True)
    before = network.layer_settings()
    network.unfreeze(("block1", STEM), 0.6)
    assert network.layer_settings() != before
    network.set_layers(before)
    assert network.layer_settings() == before
    assert network.model.get_layer("block1_bn").momentum == 0.75


def test_every_layer_is_in_one_block(tiny):
    network = add_head(tiny.build(16, None), tiny, 3)
    assert list(network.blocks) == ["block2", "block1", STEM, HEAD]
    assert sum(map(len, network.blocks.values())) == len(network.model.layers)


def test_a_head_can_be_carried(tiny):
    backbone = tiny.build(16, None)
    first = add_head(backbone, tiny, 3)
    second = add_head(backbone, tiny, 3, first)
    for one, other in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_finished_model_comes_apart_again(tiny, tmp_path):
    network = add_head(tiny.build(16, None), tiny, 3)
    network.model.save(tmp_path / "model.keras")
    again = network_of_model(keras.saving.load_model(tmp_path / "model.keras", compile=False), tiny)
    assert {n: len(ls) for n, ls in again.blocks.items()} == {n: len(ls) for n, ls in network.blocks.items()}
    assert backbone_of(again).output.shape == network.model.get_layer("class_map").input.shape


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ((Block(name="a", layers=("block2_*",)), Block(name="b", layers=("*_conv",))), "in the blocks 'a' and 'b'"),
        ((Block(name="a", layers=("block9_*",)),), "no layer matches its block 'a'"),
    ],
)
def test_wrong_blocks_are_named(tiny, blocks, said):
    with pytest.raises(DermError, match=said):
        add_head(tiny.build(16, None), replace(tiny, blocks=blocks), 3)


def test_an_unknown_block_is_named(tiny):
    with pytest.raises(DermError, match="no block 'block7'"):
        add_head(tiny.build(16, None), tiny, 3).unfreeze(("block7",), 0.9)


def values(network):
    return [np.array(variable) for variable in network_variables(network)]


def shaken(network):
    """Give every weight and statistic another value than it was made with."""
    draw = np.random.default_rng(7)
    for variable in network.model.weights:
        if "seed" not in variable.path:
            variable.assign(draw.uniform(0.5, 1.5, variable.shape))
    return network


def test_weights_are_carried_and_not_shared(tiny):
    source, target = shaken(add_head(tiny.build(16, None), tiny, 3)), add_head(tiny.build(16, None), tiny, 3)
    copy_weights(source, target)
    carried = values(source)
    for one, other in zip(values(target), carried, strict=True):
        np.testing.assert_array_equal(one, other)
    for variable in network_variables(source):
        variable.assign(keras.ops.zeros_like(variable))
    for one, other in zip(values(target), carried, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_value_is_a_copy_of_its_own():
    """A backend may hand out its own memory, and take it for the next value."""
    variable = keras.Variable([1.0, 2.0])
    value = copy_value(variable)
    variable.assign([3.0, 4.0])
    assert (value.tolist(), value.flags.owndata) == ([1.0, 2.0], True)


def test_a_network_that_freezes_by_value_is_the_same_but_for_its_switches(tiny):
    network = shaken(add_head(tiny.build(16, None), tiny, 3))
    copied, switches = with_switches(network)
    assert {name: [layer.name for layer in layers] for name, layers in copied.blocks.items()} == {
        name: [layer.name for layer in layers] for name, layers in network.blocks.items()
    }
    assert not {id(layer) for layer in copied.model.layers} & {id(layer) for layer in network.model.layers}
    assert len(copied.model.variables) == len(network.model.variables) + len(switches)
    for name in network.blocks:
        ours, theirs = copied.variables(name), network.variables(name)
        assert [variable.path for variable in ours] == [variable.path for variable in theirs]


def test_own_variables_come_in_one_order(tiny):
    """A checkpoint, and what the store keeps of a stage, have no names: they lean on this order."""
    network, equal = (add_head(tiny.build(16, None), tiny, 3) for _ in range(2))
    copied, _ = with_switches(shaken(network))

    def names(network):
        # Keras numbers generators as they are made.
        return [variable.path if "seed" not in variable.path else "seed" for variable in network_variables(network)]

    assert names(network) == names(equal) == names(copied)
    assert names(network).count("seed") == 3
    for one, other in zip(values(copied), values(network), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_layer_that_cannot_be_switched_is_named(tiny):
    def noisy(size, weights):
        model = tiny.build(size, weights)
        return keras.Model(model.input, keras.layers.GaussianNoise(0.1, name="block2_noise")(model.output))

    with pytest.raises(DermError, match=r"Layer 'block2_noise' \(GaussianNoise\) cannot be.*--programs phase"):
        with_switches(add_head(noisy(16, None), tiny, 3))
