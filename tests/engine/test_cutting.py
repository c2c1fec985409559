"""A network that is cut is the same network, and nothing below the cut is in the backward pass."""

from dataclasses import dataclass

import keras
import numpy as np
import pytest

from derm_cli.engine.cutting import cut_network
from derm_cli.engine.network import add_head
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.plan import PAPER_AUGMENTATION
from derm_cli.plugin import HEAD, STEM, BackboneSpec
from derm_cli.plugin.registry import Registry
from tests.support.tiny_network import TINY, TrainingLog, made_photographs, made_stage, trainer_for

NAMES = ("tiny", "mobilenet-v2", "effnet-lite0", "effnet-b3", "resnet50", "convnext-tiny", "effnet-v2-b0")
SIDE = 64
"""The least at which every backbone's feature map has more places than one."""


def frozen_block(spec):
    return [tuple(block.name for block in spec.blocks[:count]) for count in range(len(spec.blocks) + 1)]


def spec_of(name):
    return TINY if name == "tiny" else Registry().get(BackboneSpec, name)


@pytest.fixture(scope="module")
def networks():
    """Networks of real backbones with random weights, and statistics that are not those of a fresh one; built once."""
    return {}


@pytest.fixture
def network(networks, request):
    name = request.param
    if name not in networks:
        spec, draw = spec_of(name), np.random.default_rng(0)
        networks[name] = add_head(spec.build(SIDE, None), spec, 3)
        for variable in networks[name].model.weights:
            if "moving_mean" in variable.path:
                variable.assign(draw.normal(0, 0.05, variable.shape))
    return spec_of(name), networks[name]


@pytest.mark.parametrize("network", NAMES, indirect=True)
def test_the_parts_together_are_the_whole(network):
    spec, whole = network
    photographs = np.random.default_rng(1).uniform(0, 255, (2, SIDE, SIDE, 3)).astype("float32")
    logits, class_map = keras.Model(whole.model.input, [whole.logits, whole.class_map])(photographs, training=False)
    assert class_map.shape[1] > 1
    for blocks in [*frozen_block(spec), (STEM,)]:
        divided = cut_network(whole, blocks)
        assert divided.features_can_be_cached, f"more tensors than one cross the cut below {blocks}"
        (flow,) = keras.tree.flatten(divided.below(photographs, training=False))
        assert flow.shape[1:] == divided.features[0].shape[1:]
        if divided.body is not None:
            flow = divided.body([flow], training=False)
        np.testing.assert_allclose(whole.apply_head(flow), logits, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("network", NAMES, indirect=True)
def test_the_lowest_block_that_learns_is_the_first_above_the_cut(network):
    spec, whole = network
    for blocks in frozen_block(spec):
        divided = cut_network(whole, blocks)
        below = {layer.name for layer in divided.below.layers}
        above = set() if divided.body is None else {layer.name for layer in divided.body.layers} - below
        moving = {layer.name for name in blocks for layer in whole.blocks[name]}
        frozen = {layer.name for name in {*whole.blocks} - {HEAD, *blocks} for layer in whole.blocks[name]}
        assert (moving - above, moving & below) == (set(), set())
        # What is above all the same reads a block that learns: it cannot be below.
        assert frozen - above <= below


def test_a_frozen_block_above_one_that_learns_is_above_the_cut():
    divided = cut_network(add_head(TINY.build(16, None), TINY, 3), ("block1",))
    assert {"block1_conv", "block2_conv"} <= {layer.name for layer in divided.body.layers}
    assert {"stem_conv"} == {layer.name for layer in divided.below.layers if isinstance(layer, keras.layers.Conv2D)}


def test_where_the_stem_learns_photographs_cross_the_cut():
    network = add_head(TINY.build(16, None), TINY, 3)
    divided = cut_network(network, ("block2", "block1", STEM))
    assert divided.features == (network.model.input,)
    assert cut_network(network, ()).body is None


def test_features_that_cross_in_more_tensors_than_one_are_not_fixed():
    """A block that is reached by a path around it, as a shortcut from far below is."""

    def build(size, weights):
        entry = keras.Input((size, size, 3))
        stem = keras.layers.Conv2D(4, 1, name="stem_conv")(entry)
        low = keras.layers.Conv2D(4, 1, name="block1_conv")(stem)
        high = keras.layers.Conv2D(4, 1, name="block2_conv")(low)
        return keras.Model(entry, keras.layers.Add(name="block2_add")([high, stem]))

    network = add_head(build(16, None), TINY, 3)
    divided = cut_network(network, ("block2",))
    assert {each.name for each in divided.features} == {
        network.model.get_layer(name).output.name for name in ("block1_conv", "stem_conv")
    }
    assert not divided.features_can_be_cached
    photographs = np.random.default_rng(1).uniform(0, 255, (2, 16, 16, 3)).astype("float32")
    flow = divided.body(keras.tree.flatten(divided.below(photographs)))
    logits = keras.Model(network.model.input, network.logits)(photographs)
    np.testing.assert_allclose(network.apply_head(flow), logits, rtol=1e-5)


# The backward pass, in the graphs that TensorFlow traces.


@dataclass(frozen=True)
class Backward:
    """The convolutions whose gradients a graph takes: as traced, and as executed, by what is differentiated."""

    traced: set[str]
    by_filter: list[str]
    by_input: list[str]


def backward(graph, layers) -> Backward:
    """Find the gradients of convolutions, each of which carries the name of its layer."""
    gradients = {op: layer for op in graph.get_operations() if (layer := _layer(op, layers))}
    executed = _executed(graph)
    by = {
        end: sorted(layer for op, layer in gradients.items() if op in executed and op.type.endswith(end))
        for end in ("BackpropFilter", "BackpropInput")
    }
    return Backward(set(gradients.values()), by["BackpropFilter"], by["BackpropInput"])


def _layer(op, layers):
    if "Backprop" not in op.type or "onv2" not in op.type:
        return None
    (found,) = [layer for layer in layers if f"/{layer}_1/" in op.name or f"/{layer}/" in op.name]
    return found


def _executed(graph):
    """Return the operations that a result or a state leans on: TensorFlow leaves the others out."""
    coming = [tensor.op for tensor in graph.outputs]
    coming += [op for op in graph.get_operations() if op.type.startswith("Assign")]
    reached = set(coming)
    while coming:
        op = coming.pop()
        before = {tensor.op for tensor in op.inputs} | set(op.control_inputs)
        coming += before - reached
        reached |= before
    return reached


def convolutions(layers):
    return sorted(
        layer.name for layer in layers if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D)
    )


@pytest.mark.parametrize("augmentation", [None, PAPER_AUGMENTATION], ids=["fixed", "augmented"])
def test_no_backward_pass_below_the_lowest_block_that_learns(graphs, augmentation):
    blocks = [(), ("block2",), ("block2", "block1"), ("block2", "block1", STEM)]
    trainer = trainer_for(TINY, made_photographs(6), made_stage(blocks, epochs=1), augmentation=augmentation)
    trainer.train(TrainingLog())
    layers = convolutions(trainer.network.model.layers)
    found = [backward(graph, layers) for graph in graphs]
    expected = [
        ["class_map"],
        ["block2_conv", "class_map"],
        ["block1_conv", "block2_conv", "class_map"],
        ["block1_conv", "block2_conv", "class_map", "stem_conv"],
    ]
    assert [each.by_filter for each in found] == expected
    assert [sorted(each.traced) for each in found] == expected
    # The gradient by the input is taken of every convolution but the lowest.
    assert [each.by_input for each in found] == [[], ["class_map"], *expected[1:3]]


def test_no_backward_pass_below_in_mobilenet(graphs):
    """The same in a network of many paths: depthwise convolutions, and shortcuts around them."""
    spec = spec_of("mobilenet-v2")
    blocks = frozen_block(spec)[:3]
    trainer = trainer_for(spec, made_photographs(6, size=32), made_stage(blocks, epochs=1), augmentation=None)
    trainer.train(TrainingLog())
    layers = convolutions(trainer.network.model.layers)
    for names, graph in zip(blocks, graphs, strict=True):
        moving = convolutions(layer for name in (HEAD, *names) for layer in trainer.network.blocks[name])
        (crossing,) = cut_network(trainer.network, names).features
        lowest = [name for name in moving if trainer.network.model.get_layer(name).input is crossing]
        found = backward(graph, layers)
        assert found.by_filter == moving
        assert found.traced == set(moving)
        assert found.by_input == sorted({*moving} - {*lowest})
        assert len(lowest) == 1


def test_one_program_of_a_stage_goes_down_to_the_lowest_block_of_all_its_phases(graphs):
    trainer = trainer_for(TINY, made_photographs(6), made_stage(epochs=1), ComputeOptions(by_stage=True))
    trainer.train(TrainingLog())
    (graph,) = graphs
    found = backward(graph, convolutions(trainer.network.model.layers))
    assert found.by_filter == ["block1_conv", "block2_conv", "class_map"]
    assert "stem_conv" not in found.traced
