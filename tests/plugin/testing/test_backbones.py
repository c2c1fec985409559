"""The check of backbones for plugins' authors: each breach of the contract is told in words."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from derm_cli.plugin import BackboneSpec, Block
from derm_cli.plugin.testing import check_backbone


def network(size, *, scaling=(layers.Rescaling,), entry=None, inner=None, form=None, dtype="float32"):
    """A stem, two convolutions named low and top, and whatever a test puts amiss."""
    image = keras.Input(entry or (size, size, 3), dtype=dtype)
    flow = layers.ZeroPadding2D()(image)
    for each in scaling:
        flow = each(1 / 255)(flow)
    flow = layers.Conv2D(2, 3, name="stem")(flow)
    flow = layers.Conv2D(2, 1, name="low_conv")(flow)
    flow = inner(flow) if inner else flow
    flow = layers.Conv2D(2, 1, name="top_conv")(flow)
    return keras.Model(*(form or (lambda *ends: ends))(image, flow))


GOOD_NETWORK = BackboneSpec(
    name="net",
    title="Net",
    parameters=68,
    input_size=8,
    build=lambda size, weights: network(size),
    blocks=(Block(name="top", layers=("top_*",)), Block(name="low", layers=("low_*",))),
)


def test_a_good_backbone_is_built_with_random_weights():
    asked = []
    spec = replace(GOOD_NETWORK, build=lambda size, weights: asked.append((size, weights)) or network(size))
    assert check_backbone(spec, size=8).count_params() == 68
    assert asked == [(8, None)]


def test_a_model_inside_the_model_is_taken_apart():
    nest = keras.Sequential([layers.ReLU()], name="nest")
    spec = replace(GOOD_NETWORK, build=lambda size, weights: network(size, inner=nest))
    assert not any(isinstance(layer, keras.Model) for layer in check_backbone(spec, size=8).layers)


@keras.saving.register_keras_serializable("made-for-a-test")
class Unsteady(layers.Layer):
    """Forgets its number when it is saved."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.number = np.random.default_rng().uniform(1, 2)

    def call(self, flow):
        return flow * self.number


@keras.saving.register_keras_serializable("made-for-a-test")
class Bursting(layers.Layer):
    """Divides by nothing."""

    def call(self, flow):
        return flow / 0.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"inner": layers.Lambda(lambda flow: flow, name="any")}, "layer 'any' is a Lambda layer"),
        ({"entry": (16, 16, 3)}, r"the input has the shape \(None, 16, 16, 3\)"),
        ({"entry": (8, 8, 1)}, r"the input has the shape \(None, 8, 8, 1\)"),
        ({"dtype": "uint8"}, "the input has the dtype uint8"),
        ({"form": lambda image, flow: ([image], flow)}, "the input is a list, not one tensor"),
        ({"form": lambda image, flow: (image, {"map": flow})}, "the output is a dict, not one tensor"),
        (
            {"form": lambda image, flow: (image, layers.GlobalAveragePooling2D()(flow))},
            r"the output has the shape \(None, 2\), and is no feature map",
        ),
        ({"scaling": ()}, "nothing scales the photographs before the layer 'stem'"),
        ({"scaling": (lambda _: layers.Cropping2D(0),)}, "nothing scales the photographs before the layer 'stem'"),
        ({"inner": Unsteady()}, "the features differ after saving and loading"),
        ({"inner": Bursting()}, "the features of raw photographs are not finite"),
    ],
)
def test_a_network_that_breaks_the_contract_is_told_of(changes, said):
    spec = replace(GOOD_NETWORK, build=lambda size, weights: network(size, **changes))
    with pytest.raises(AssertionError, match=said):
        check_backbone(spec, size=8)


def test_a_number_of_parameters_that_is_another_s_is_told_of():
    with pytest.raises(AssertionError, match="'parameters' is 67, but the network has 68: tell that"):
        check_backbone(replace(GOOD_NETWORK, parameters=67), size=8)


def test_arithmetic_that_is_no_layer_scales_too():
    check_backbone(
        replace(GOOD_NETWORK, build=lambda size, weights: network(size, scaling=(lambda by: lambda flow: flow * by,))),
        size=8,
    )


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ({"top": ("top_*", "tpo_*"), "low": ("low_*",)}, "the pattern 'tpo_\\*' of block 'top' matches no layer"),
        ({"top": ("*_conv",), "low": ("low_*",)}, "layer 'low_conv' is in the blocks 'top' and 'low'"),
        ({"low": ("low_*",), "top": ("top_*",)}, "the blocks are not listed from the top"),
    ],
)
def test_blocks_that_break_the_contract_are_named(blocks, said):
    spec = replace(GOOD_NETWORK, blocks=tuple(Block(name=name, layers=each) for name, each in blocks.items()))
    with pytest.raises(AssertionError, match=said):
        check_backbone(spec, size=8)
