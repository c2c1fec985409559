"""A network's canonical form hangs on what it computes, not on how its parts were called or ordered."""

from __future__ import annotations

import random

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from mobile_export.formats.onnx_names import make_canonical

DRAW = np.random.default_rng(0)
CONSTANTS = [DRAW.normal(size=shape).astype(np.float32) for shape in ((4, 4), (4, 4), (4,))]


def made(seed: int) -> onnx.ModelProto:
    """The same computation, with names, an order of parts and a part that nobody needs by chance."""
    chance = random.Random(seed)
    word = {name: f"{name}__{chance.randrange(1000)}" for name in "abcdexyz"}
    constants = [numpy_helper.from_array(value, word[name]) for value, name in zip(CONSTANTS, "abc", strict=True)]
    constants.append(numpy_helper.from_array(CONSTANTS[0], word["e"]))
    nodes = [
        helper.make_node("MatMul", ["image", word["a"]], [word["x"]], name=word["x"], doc_string="of the converter"),
        helper.make_node("MatMul", ["image", word["b"]], [word["y"]], name=word["y"]),
        helper.make_node("Add", [word["x"], word["c"]], [word["z"]]),
        helper.make_node("Clip", [word["z"], "", word["d"]], [word["z"] + "c"]),
        helper.make_node("Add", [word["z"] + "c", word["y"]], ["probabilities"]),
    ]
    constants.append(numpy_helper.from_array(np.array(1, np.float32), word["d"]))
    chance.shuffle(constants)
    if chance.random() < 0.5:
        nodes[0], nodes[1] = nodes[1], nodes[0]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [f"unk__{chance.randrange(99)}", 4])
        for name in ("image", "probabilities")
    ]
    graph = helper.make_graph(nodes, f"graph{seed}", values[:1], values[1:], constants, doc_string=f"from {seed}")
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def canonical(seed: int) -> onnx.ModelProto:
    network = made(seed)
    make_canonical(network)
    return network


def test_names_and_order_are_settled_and_answers_stay():
    first = canonical(0)
    assert all(canonical(seed) == first for seed in range(1, 8))
    onnx.checker.check_model(first, full_check=True)
    image = DRAW.normal(size=(5, 4)).astype(np.float32)
    found, expected = (
        onnxruntime.InferenceSession(each.SerializeToString()).run(None, {"image": image})[0]
        for each in (first, made(0))
    )
    np.testing.assert_array_equal(found, expected)


def test_what_nobody_needs_is_left_out_and_the_rest_is_named_by_its_operation():
    graph = canonical(0).graph
    assert [each.name for each in graph.initializer] == ["constant_0", "constant_1", "constant_2", "constant_3"]
    assert [each for node in graph.node for each in node.output] == [
        *("MatMul_0", "Add_0", "Clip_0", "MatMul_1", "probabilities"),
    ]
    assert {dim.dim_param for each in (*graph.input, *graph.output) for dim in each.type.tensor_type.shape.dim[:1]} == {
        "batch"
    }


def test_an_operation_with_branches_is_refused():
    network = made(0)
    branch = helper.make_graph([], "branch", [], [])
    network.graph.node[-1].attribute.append(helper.make_attribute("then_branch", branch))
    with pytest.raises(ValueError, match="the operation 'Add' has branches"):
        make_canonical(network)
