"""Whether an ONNX file of a stranger stays within bounds, before a runtime allocates what it says.

A few bytes can ask for gigabytes: an operation that makes an array of a given size, which a runtime computes as it
loads, or a hundred thousand empty parts.  So parts are counted in the bytes, sizes are inferred, and nothing is run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

MOST_PARTS = 1 << 16
"""Of a file: nodes, names, attributes, arrays and their dimensions.  A network of 500 operations has 6,000."""
MOST_OF_PHOTOGRAPH = 4096
"""Numbers that all operations together give for each pixel of a photograph; networks as they are need 130 to 360."""
LEAST = 1 << 24
"""Numbers that are always allowed."""
MOST_OF_SHAPE = 1 << 12
"""Bytes of an array that may tell the sides of others; what is longer are weights."""
_PARTS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 8: "part", 14: "part"},
    "graph": {1: "node", 5: "array", 11: "value", 12: "value", 13: "value", 14: "part"},
    "node": {5: "attribute"},
    "attribute": {5: "array", 10: "array"},
    "array": {13: "part"},
    "value": {2: "type"},
    "type": {1: "tensor"},
    "tensor": {2: "shape"},
    "shape": {1: "part"},
}
"""Where messages lie in messages, by the numbers of their fields (onnx.proto)."""
_REFUSED = {
    *(("model", 20), ("model", 25), ("graph", 15)),
    *(("attribute", 6), ("attribute", 11), ("attribute", 22), ("attribute", 23)),
}
"""Training, functions, sparse arrays, and graphs inside of nodes: no artefact of derm has them."""
_ELSEWHERE = ("array", 13)
"""Where an array, of the weights or of a node, names another file that it lies in: a runtime would open it."""


def check_bounds(content: bytes) -> None:
    """Raise ValueError where an ONNX file has more parts, or gives larger arrays, than a network for photographs."""
    for count, _ in enumerate(_fields(memoryview(content), "model"), 1):
        if count > MOST_PARTS:
            raise ValueError(f"it has more than {MOST_PARTS} parts")
    import onnx

    network = onnx.ModelProto.FromString(content)
    for each in network.graph.initializer:
        # The inference copies all that it is given, twice: of weights it needs the sides alone.
        if len(each.raw_data) > MOST_OF_SHAPE:
            each.ClearField("raw_data")
    inferred = onnx.shape_inference.infer_shapes(network, data_prop=True).graph
    shapes = {each.name: _shape(each) for each in (*inferred.value_info, *inferred.output, *inferred.input)}
    sides = shapes.get(network.graph.input[0].name) if network.graph.input else None
    if not sides or None in sides:
        raise ValueError("its input has no size")
    most = LEAST + MOST_OF_PHOTOGRAPH * math.prod(side or 0 for side in sides[:3])
    total = 0
    for node in network.graph.node:
        for name in filter(None, node.output):
            shape = shapes.get(name)
            if shape is None or None in shape:
                raise ValueError(f"its operation '{node.op_type}' gives an array of unknown size")
            total += math.prod(side or 0 for side in shape)
            if total > most:
                raise ValueError(f"its operations give more than {most} numbers for a photograph")


def _shape(value: onnx.ValueInfoProto) -> list[int | None]:
    """Return the sides of an array; a dimension with a name is 1, for it is the number of photographs."""
    if not value.type.tensor_type.HasField("shape"):
        return [None]
    return [
        each.dim_value if each.HasField("dim_value") else 1 if each.dim_param else None
        for each in value.type.tensor_type.shape.dim
    ]


def _fields(message: memoryview, kind: str) -> Iterator[None]:
    """Yield once for each field of a message of protobuf and of those inside it, reading as little as it can."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, form = key >> 3, key & 7
        yield
        if (kind, number) == _ELSEWHERE:
            raise ValueError("its weights lie in another file")
        if (kind, number) in _REFUSED:
            raise ValueError(f"it has a part that no artefact has (field {number} of {kind})")
        if form == 0:
            _, place = _varint(message, place)
        elif form in (1, 5):
            place += 8 if form == 1 else 4
        elif form == 2:
            length, place = _varint(message, place)
            if place + length > len(message):
                raise ValueError("it is cut short")
            inside = _PARTS.get(kind, {}).get(number)
            if inside:
                yield from _fields(message[place : place + length], inside)
            place += length
        else:
            raise ValueError(f"it has a field of the form {form}")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("it is cut short")
        byte = message[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("it has a number that is too long")
