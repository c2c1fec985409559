"""Reshapes of an ONNX network that change nothing: how many of them a converter leaves hangs on chance.

tf2onnx turns transposes of a single place, as behind the averages of squeeze-and-excitation, into reshapes, and takes
out those that it can in the order of names that it numbers and of their hashes: of one network, once two of them are
left, once none, once one of them is still a transpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnx

Shape = tuple[int | str, ...]
"""A value's dimensions: a number, or the name of one that is known when the network runs."""


def drop_idle_reshapes(network: onnx.ModelProto) -> None:
    """Take out each Reshape whose result has the shape of what it takes, in place.

    Of two behind each other the second takes what the first takes.  A Transpose that moves no value but dimensions of
    one is a Reshape.  A network's outputs stay.
    """
    from onnx import numpy_helper, shape_inference

    graph = network.graph
    shapes = {
        value.name: shape
        for value in shape_inference.infer_shapes(network).graph.value_info
        if (shape := _shape_of(value)) is not None
    }
    targets = {each.name: numpy_helper.to_array(each) for each in graph.initializer if len(each.dims) == 1}
    _read_transposes_as_reshapes(graph, shapes, targets)
    outputs = {value.name for value in graph.output}
    sources: dict[str, str] = {}
    reshaped: dict[str, str] = {}
    kept = []
    for node in graph.node:
        # Nodes stand behind those whose results they take: the sources of what this one takes are settled.
        node.input[:] = [sources.get(value, value) for value in node.input]
        is_reshape = node.op_type == "Reshape" and not node.attribute and node.input[1] in targets
        if is_reshape:
            target = targets[node.input[1]]
            # A zero copies the dimension of what is taken, so that hangs on the Reshape before.
            if (target != 0).all():
                node.input[0] = reshaped.get(node.input[0], node.input[0])
            reshaped[node.output[0]] = node.input[0]
            if node.output[0] not in outputs and _is_idle(shapes.get(node.input[0]), target):
                sources[node.output[0]] = node.input[0]
                continue
        kept.append(node)
    copies = [type(node).FromString(node.SerializeToString()) for node in kept]
    del graph.node[:]
    graph.node.extend(copies)


def _read_transposes_as_reshapes(
    graph: onnx.GraphProto, shapes: dict[str, Shape], targets: dict[str, npt.NDArray[np.int64]]
) -> None:
    """Make a Reshape of each Transpose that leaves the order of all dimensions but those of one, in place.

    What they reshape to joins the constants of ``graph`` and ``targets`` where none of the same value is there.
    """
    from onnx import numpy_helper

    constants = {tuple(target): name for name, target in targets.items() if target.dtype == np.int64}
    for node in graph.node:
        shape = shapes.get(node.input[0]) if node.op_type == "Transpose" else None
        if shape is None:
            continue
        order = [place for attribute in node.attribute if attribute.name == "perm" for place in attribute.ints]
        moved = [place for place in order if shape[place] != 1]
        # Of dimensions that are known when the network runs, a Reshape leaves one to be told by the others.
        target = [-1 if isinstance(each, str) else each or -1 for each in (shape[place] for place in order)]
        if not order or moved != sorted(moved) or target.count(-1) > 1:
            continue
        if tuple(target) not in constants:
            name = constants[tuple(target)] = f"{node.output[0]}_shape"
            targets[name] = np.array(target, np.int64)
            graph.initializer.append(numpy_helper.from_array(targets[name], name))
        node.op_type = "Reshape"
        node.input.append(constants[tuple(target)])
        del node.attribute[:]


def _shape_of(value: onnx.ValueInfoProto) -> Shape | None:
    if not value.type.tensor_type.HasField("shape"):
        return None
    return tuple(dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim)


def _is_idle(shape: Shape | None, target: npt.NDArray[np.int64]) -> bool:
    """Tell whether what has ``shape`` keeps it under ``target``: -1 is what is left over, 0 the dimension as it is."""
    if shape is None or len(shape) != len(target):
        return False
    open_places = [(dimension, wanted) for dimension, wanted in zip(shape, target, strict=True) if wanted != dimension]
    # One dimension that is left over is the one that it was where all others are.
    return all(wanted in (0, -1) for _, wanted in open_places) and sum(wanted == -1 for _, wanted in open_places) <= 1
