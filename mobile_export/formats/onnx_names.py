"""An ONNX network's canonical form: what a converter made of a network by chance is settled by the network alone.

tf2onnx numbers what it makes by a counter of the process, and the order of some parts follows the hashes of texts.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mobile_export.artefact.contract import ANSWERS, ANSWERS_BATCH, BATCH

if TYPE_CHECKING:
    import onnx


def make_canonical(network: onnx.ModelProto) -> None:
    """Order and name the parts of ``network`` by how its outputs are computed, in place.

    Inputs and outputs keep their names, and get the contract's for their first dimension.  Each other value has the
    name of the operation that gives it, or ``constant``, and a number.
    """
    graph = network.graph
    network.doc_string = graph.doc_string = ""
    graph.name = "derm"
    network.opset_import.sort(key=lambda each: each.domain)
    del graph.value_info[:]
    for value in (*graph.input, *graph.output):
        shape = value.type.tensor_type.shape
        shape.dim[0].dim_param = ANSWERS_BATCH if value.name == ANSWERS else BATCH
    nodes = _in_order(graph)
    constants = {each.name: each for each in graph.initializer}
    names: dict[str, str] = {value.name: value.name for value in (*graph.input, *graph.output)} | {"": ""}
    used: dict[str, onnx.TensorProto] = {}
    counts: Counter[str] = Counter()

    def name_of(value: str, kind: str) -> str:
        if value not in names:
            names[value] = f"{kind}_{counts[kind]}"
            counts[kind] += 1
        return names[value]

    for number, node in enumerate(nodes):
        for value in node.input:
            if value in constants:
                used[value] = constants[value]
                name_of(value, "constant")
        node.input[:] = [names[value] for value in node.input]
        node.output[:] = [name_of(value, node.op_type) for value in node.output]
        node.name, node.doc_string = f"{node.op_type}_node_{number}", ""
    for value, constant in used.items():
        constant.name = names[value]
    ordered = list(used.values())
    for place, contents in ((graph.node, nodes), (graph.initializer, ordered)):
        copies = [type(each).FromString(each.SerializeToString()) for each in contents]
        del place[:]
        place.extend(copies)


def _in_order(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the operations that the outputs need, each behind those whose results it takes, in the order of its own.

    Raises ValueError for an operation with a graph of its own: what that takes is not among its inputs.
    """
    makers = {value: node for node in graph.node for value in node.output if value}
    ordered: list[onnx.NodeProto] = []
    done: set[int] = set()
    waiting = [(makers[each.name], False) for each in reversed(graph.output)]
    while waiting:
        node, are_inputs_done = waiting.pop()
        if id(node) in done:
            continue
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise ValueError(f"the operation '{node.op_type}' has branches")
        if are_inputs_done:
            done.add(id(node))
            ordered.append(node)
            continue
        waiting.append((node, True))
        waiting.extend((makers[value], False) for value in reversed(node.input) if value in makers)
    return ordered
