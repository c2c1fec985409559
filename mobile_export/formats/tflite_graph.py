"""A TFLite network as objects: read, changed and written again, by the schema's own generated classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

Network = Any
"""A ``ModelT`` of the schema, whose only subgraph is the network."""
Operation = Any
"""An ``OperatorT`` of the schema."""


class _Aligned(flatbuffers.Builder):  # type: ignore[misc]
    """Puts weights at multiples of 16 bytes, as the schema demands (``force_align``).

    Python's builder of flatbuffers, which TensorFlow's converter uses too, does not know that attribute.
    """

    def StartVector(self, size: int, count: int, alignment: int) -> int:  # noqa: N802
        return int(super().StartVector(size, count, 16 if size == 1 else alignment))


def read_network(content: bytes) -> Network:
    """Return the network in ``content``, with its weights inside, wherever they stood."""
    network = schema.ModelT.InitFromPackedBuf(content, 0)
    for buffer in network.buffers:
        # Weights may stand behind the flatbuffer, and 1 means that they do so later.
        if buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
        buffer.offset = buffer.size = 0
    return network


def network_bytes(network: Network, size: int) -> bytes:
    """Return ``network`` as a file's bytes, of which there are about ``size``."""
    builder = _Aligned(size)
    builder.Finish(network.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


@cache
def _names() -> dict[int, str]:
    return {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}


def operation_names(network: Network) -> list[str]:
    """Return the name of each operation in its order, as in the schema: CONV_2D; a custom one's own name."""
    kinds = []
    for code in network.operatorCodes:
        # Codes up to 127 stand in the field of older runtimes too.
        name = _names()[max(code.builtinCode, code.deprecatedBuiltinCode)]
        kinds.append((code.customCode or b"CUSTOM").decode() if name == "CUSTOM" else name)
    return [kinds[each.opcodeIndex] for each in network.subgraphs[0].operators]


def check_built_in(network: Network) -> None:
    """Raise ValueError, with their names, where a network has operations that runtimes do not have themselves."""
    others = sorted({each for each in operation_names(network) if each not in set(_names().values())})
    if others:
        raise ValueError(f"it has operations that are not built in: {', '.join(others)}")


def photograph_of(network: Network) -> int:
    """Return the tensor of the photograph: the input of four dimensions."""
    graph = network.subgraphs[0]
    return next(int(each) for each in graph.inputs if len(graph.tensors[each].shape) == 4)


def without_cast(network: Network) -> None:
    """Take out the cast of the photograph, in place: the network then takes what the cast gave, float32."""
    graph = network.subgraphs[0]
    names = operation_names(network)
    image = photograph_of(network)
    users = [(name, each) for name, each in zip(names, graph.operators, strict=True) if image in each.inputs]
    if [name for name, _ in users] != ["CAST"]:
        raise ValueError("its photograph is used otherwise than by a cast")
    cast = users[0][1]
    graph.operators.remove(cast)
    del graph.tensors[image]
    given = int(cast.outputs[0])

    def place(tensor: int) -> int:
        moved = given if tensor == image else tensor
        return moved - (moved > image)

    def places(tensors: Iterable[int] | None) -> list[int]:
        return [] if tensors is None else [place(int(each)) for each in tensors]

    for each in graph.operators:
        each.inputs, each.outputs = places(each.inputs), places(each.outputs)
        each.intermediates = places(each.intermediates)
    graph.inputs, graph.outputs = places(graph.inputs), places(graph.outputs)
    for signature in network.signatureDefs:
        for each in (*signature.inputs, *signature.outputs):
            each.tensorIndex = place(each.tensorIndex)


def tensors_from(network: Network, starts: Iterable[int]) -> set[int]:
    """Return the tensors that are computed from ``starts``, these among them."""
    found = set(map(int, starts))
    for each in network.subgraphs[0].operators:
        if found.intersection(map(int, each.inputs)):
            found.update(map(int, each.outputs))
    return found


def operations(network: Network) -> Iterator[tuple[str, Operation]]:
    """Yield each operation with its name, in order."""
    yield from zip(operation_names(network), network.subgraphs[0].operators, strict=True)
