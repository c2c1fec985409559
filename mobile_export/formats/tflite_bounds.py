"""Whether a TFLite file of a stranger stays within bounds, before a runtime follows its offsets and allocates.

A runtime trusts a file: an offset or a number of a part that leads out of it ends the process, and a few bytes can ask
for gigabytes.  So all of it is read once by the schema, whose reader checks each offset, and nothing is run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from mobile_export.formats.onnx_bounds import LEAST, MOST_OF_PHOTOGRAPH, MOST_PARTS
from mobile_export.formats.tflite_graph import Network, operation_names, read_network

_KNOWN = {
    *("ABS", "ADD", "ADD_N", "ARG_MAX", "ARG_MIN", "AVERAGE_POOL_2D", "BATCH_MATMUL", "CAST", "CEIL", "CONCATENATION"),
    *("CONV_2D", "COS", "CUMSUM", "DEPTHWISE_CONV_2D", "DEPTH_TO_SPACE", "DEQUANTIZE", "DIV", "ELU", "EQUAL", "EXP"),
    *("EXPAND_DIMS", "FLOOR", "FULLY_CONNECTED", "GATHER", "GELU", "GREATER", "GREATER_EQUAL", "HARD_SWISH"),
    *("L2_NORMALIZATION", "L2_POOL_2D", "LEAKY_RELU", "LESS", "LESS_EQUAL", "LOCAL_RESPONSE_NORMALIZATION", "LOG"),
    *(
        "LOGICAL_AND",
        "LOGICAL_NOT",
        "LOGICAL_OR",
        "LOGISTIC",
        "LOG_SOFTMAX",
        "MAXIMUM",
        "MAX_POOL_2D",
        "MEAN",
        "MINIMUM",
    ),
    *("MIRROR_PAD", "MUL", "NEG", "NOT_EQUAL", "PACK", "PAD", "PADV2", "POW", "PRELU", "QUANTIZE", "REDUCE_MAX"),
    *("REDUCE_MIN", "REDUCE_PROD", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE", "RESIZE_BILINEAR"),
    *("RESIZE_NEAREST_NEIGHBOR", "ROUND", "RSQRT", "SELECT", "SELECT_V2", "SIGN", "SIN", "SLICE", "SOFTMAX"),
    *("SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SQUEEZE", "STRIDED_SLICE", "SUB"),
    *("SUM", "TANH", "TILE", "TRANSPOSE", "TRANSPOSE_CONV", "UNPACK"),
}
"""Operations of networks for photographs.  Of others a runtime does not always look at what they are given, and some
have programs inside, or make an array of a size of their own."""


def check_bounds(content: bytes) -> None:
    """Raise ValueError where a TFLite file has more parts, or gives larger arrays, than a network for photographs."""
    try:
        network = read_network(content)
    # What the schema's reader says of an offset that leads nowhere has no common base.
    except Exception as error:
        raise ValueError(f"its parts lead out of it ({type(error).__name__})") from error
    fault = next(_faults(network), "")
    if fault:
        raise ValueError(fault)


def _faults(network: Network) -> Iterator[str]:
    graphs, codes, buffers = ([*(each or ())] for each in (network.subgraphs, network.operatorCodes, network.buffers))
    if len(graphs) != 1:
        yield f"it has {len(graphs)} networks"
        return
    graph = graphs[0]
    tensors, nodes = list(graph.tensors or ()), list(graph.operators or ())
    if len(tensors) + len(nodes) + len(buffers) > MOST_PARTS:
        yield f"it has more than {MOST_PARTS} parts"
    if any(not 0 <= each.buffer < len(buffers) for each in tensors):
        yield "an array of it has no place"
    if any(not 0 <= each.opcodeIndex < len(codes) for each in nodes):
        yield "an operation of it is of no kind"
    named = [*_numbers(graph.inputs), *_numbers(graph.outputs)]
    optional = [number for each in nodes for number in _numbers(each.inputs)]
    given = [number for each in nodes for number in (*_numbers(each.outputs), *_numbers(each.intermediates))]
    if any(not 0 <= each < len(tensors) for each in (*named, *given)) or any(
        not -1 <= each < len(tensors) for each in optional
    ):
        yield "an operation of it takes or gives an array that it has not"
    yield from (f"it has the operation '{each}'" for each in operation_names(network) if each not in _KNOWN)
    if not named:
        yield "it takes nothing"
        return
    yield from _too_large(network, tensors, _numbers(graph.inputs))


def _too_large(network: Network, tensors: list[Any], inputs: list[int]) -> Iterator[str]:
    """Yield where the arrays that are computed are, by the sizes told of them, more than a photograph needs."""
    filled = [each.data is not None and len(each.data) > 0 for each in network.buffers]
    running = [each for each in tensors if not filled[each.buffer]]
    sizes = [_numbers(each.shape) for each in running]
    if any(side < 0 for size in sizes for side in size):
        yield "an array of it has a side below 0"
    most = LEAST + MOST_OF_PHOTOGRAPH * max(math.prod(_numbers(tensors[each].shape)[:3]) for each in inputs)
    if sum(map(math.prod, sizes)) > most:
        yield f"its operations give more than {most} numbers for a photograph"


def _numbers(vector: Any) -> list[int]:
    return [] if vector is None else [int(each) for each in vector]
