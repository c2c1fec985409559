"""A TFLite artefact of derm's form that costs no training and no TensorFlow: its answers hang on the mean colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.plugin import ArtefactFacts
from mobile_export.artefact.archive import append_facts
from mobile_export.artefact.contract import INPUT, OUTPUT
from mobile_export.formats.tflite_graph import network_bytes


def write_tflite(path: Path, facts: ArtefactFacts, steepness: float = 1 / 40) -> Path:
    """Write it; the facts have three classes, one for each channel.  ``steepness`` NaN gives no number."""
    from ai_edge_litert import schema_py_generated as schema

    side, types, builtin = facts.preprocessing.size, schema.TensorType, schema.BuiltinOperator
    network, graph = schema.ModelT(), schema.SubGraphT()
    network.version, network.subgraphs, network.buffers = 3, [graph], [schema.BufferT(), schema.BufferT()]
    network.buffers[1].data = np.frombuffer(np.array([1, 2], np.int32).tobytes(), np.uint8)

    def tensor(name: str, kind: int, shape: list[int], buffer: int = 0) -> Any:
        made = schema.TensorT()
        made.name, made.type, made.shape, made.buffer = name, kind, shape, buffer
        return made

    def operator(index: int, inputs: list[int], output: int, kind: str) -> Any:
        made, options = schema.OperatorT(), getattr(schema, f"{kind}T")()
        made.opcodeIndex, made.inputs, made.outputs = index, inputs, [output]
        made.builtinOptionsType, made.builtinOptions = getattr(schema.BuiltinOptions, kind), options
        return made

    graph.tensors = [
        tensor(INPUT, types.UINT8, [1, side, side, 3]),
        tensor("pixels", types.FLOAT32, [1, side, side, 3]),
        tensor("axes", types.INT32, [2], 1),
        tensor("colour", types.FLOAT32, [1, 3]),
        tensor(OUTPUT, types.FLOAT32, [1, 3]),
    ]
    graph.operators = [
        operator(0, [0], 1, "CastOptions"),
        operator(1, [1, 2], 3, "ReducerOptions"),
        operator(2, [3], 4, "SoftmaxOptions"),
    ]
    graph.operators[0].builtinOptions.outDataType = types.FLOAT32
    graph.operators[0].builtinOptions.inDataType = types.UINT8
    graph.operators[2].builtinOptions.beta = steepness
    graph.inputs, graph.outputs = [0], [4]
    network.operatorCodes = []
    for code in (builtin.CAST, builtin.MEAN, builtin.SOFTMAX):
        made = schema.OperatorCodeT()
        made.builtinCode = made.deprecatedBuiltinCode = code
        made.version = 1
        network.operatorCodes.append(made)
    path.write_bytes(network_bytes(network, 4096))
    append_facts(path, facts)
    return path
