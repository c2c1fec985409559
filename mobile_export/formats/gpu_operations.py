"""Which operations of a TFLite network a phone's GPU leaves to the CPU, by the rules of TFLite's GPU delegate.

The delegate itself is built for phones.  Its rules are public, and this follows those that matter to networks for
photographs: ``tensorflow/lite/tools/versioning/gpu_compatibility.cc``, which the delegate asks about each operation,
and the types in ``tensorflow/lite/delegates/gpu/common/model_builder.cc``.  An operation that is taken may be slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mobile_export.formats.tflite_graph import Network, Operation, operations

_ANY = (
    *("ADD", "ADD_N", "AVERAGE_POOL_2D", "BATCH_MATMUL", "CONCATENATION", "CONV_2D", "DEPTH_TO_SPACE", "DENSIFY"),
    *("FULLY_CONNECTED", "GATHER", "HARD_SWISH", "MAX_POOL_2D", "MUL", "PACK", "QUANTIZE", "RELU_N1_TO_1", "PRELU"),
    *("RESHAPE", "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "TILE", "TRANSPOSE", "TRANSPOSE_CONV", "RESIZE_BILINEAR"),
    *("RESIZE_NEAREST_NEIGHBOR", "RELU", "RELU6", "LEAKY_RELU", "PAD", "PADV2", "ABS", "CEIL", "COS", "ELU", "EXP"),
    *("FLOOR", "GELU", "LOG", "LOGISTIC", "NEG", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH", "DIV", "EQUAL"),
    *("FLOOR_DIV", "FLOOR_MOD", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "MAXIMUM", "MINIMUM", "NOT_EQUAL"),
    *("POW", "SQUARED_DIFFERENCE", "SUB"),
)
"""Operations that are taken as the converter writes them."""
_MAPS = ("FLOAT32", "FLOAT16", "INT8", "UINT8", "INT32", "BOOL")
"""Types of what an operation takes and gives as it runs."""
_CASTS = {
    *(("BOOL", "FLOAT32"), ("BOOL", "FLOAT16"), ("FLOAT32", "BOOL"), ("FLOAT16", "BOOL")),
    *((one, other) for one in ("FLOAT32", "INT32") for other in ("FLOAT32", "INT32")),
}


def left_to_the_cpu(network: Network) -> list[tuple[str, str]]:
    """Return each operation that the delegate does not take, by its name, and why, in the order of the network."""
    return [(name, why) for name, each in operations(network) for why in _reasons(_Graph(network), name, each)]


class _Graph:
    """A network's tensors, told as the rules ask for them."""

    def __init__(self, network: Network) -> None:
        self._network, self._tensors = network, network.subgraphs[0].tensors

    def type_of(self, index: int) -> str:
        from ai_edge_litert import schema_py_generated as schema

        names = {number: name for name, number in vars(schema.TensorType).items() if name.isupper()}
        return str(names[self._tensors[index].type])

    def is_constant(self, index: int) -> bool:
        data = self._network.buffers[self._tensors[index].buffer].data
        return data is not None and len(data) > 0

    def sides(self, index: int) -> int:
        return len(self._tensors[index].shape)


def _reasons(graph: _Graph, name: str, operation: Operation) -> Iterator[str]:
    """Yield why the delegate does not take an operation, at most one reason."""
    taken = [int(each) for each in operation.inputs if each >= 0]
    running = [each for each in taken if not graph.is_constant(each)]
    types = [graph.type_of(each) for each in (*running, *(int(each) for each in operation.outputs))]
    strange = next((each for each in types if each not in _MAPS), None)
    if name not in _ANY and name not in _RULES:
        yield "not among its operations"
    elif name == "CAST" and (types[0], types[-1]) not in _CASTS:
        yield f"from {types[0].lower()} to {types[-1].lower()}"
    elif strange is not None:
        yield f"of {strange.lower()}"
    elif name in _RULES and (why := _RULES[name](graph, operation.builtinOptions, taken)):
        yield why


def _constant_axes(graph: _Graph, _: Any, taken: list[int]) -> str:
    fits = len(taken) > 1 and graph.is_constant(taken[1]) and graph.type_of(taken[1]) == "INT32"
    return "" if fits else "by axes that are not constant"


def _plain_slice(graph: _Graph, options: Any, taken: list[int]) -> str:
    masks = ("ellipsisMask", "newAxisMask", "shrinkAxisMask")
    if any(getattr(options, each, 0) for each in masks) or graph.sides(taken[0]) not in (3, 4):
        return "with masks, or not of a feature map"
    return ""


def _one_multiplier(graph: _Graph, options: Any, taken: list[int]) -> str:  # noqa: ARG001
    return "of several maps for each" if options.depthMultiplier != 1 else ""


_RULES: dict[str, Callable[[_Graph, Any, list[int]], str]] = {
    "CAST": lambda *_: "",
    "DEPTHWISE_CONV_2D": _one_multiplier,
    "DEQUANTIZE": lambda *_: "",
    "MEAN": _constant_axes,
    "SUM": _constant_axes,
    "REDUCE_MAX": _constant_axes,
    "REDUCE_MIN": _constant_axes,
    "REDUCE_PROD": _constant_axes,
    "SLICE": lambda graph, _, taken: "" if graph.sides(taken[0]) in (3, 4) else "not of a feature map",
    "SOFTMAX": lambda _, options, __: "" if options.beta == 1 else "of another steepness than 1",
    "STRIDED_SLICE": _plain_slice,
}
"""Operations that are taken where a rule says nothing against it."""
