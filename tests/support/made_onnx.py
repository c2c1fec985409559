"""A small ONNX network without a training or a converter: one convolution, what it sees by class, and answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derm_cli.plugin import ArtefactFacts
from mobile_export.artefact.contract import ANSWERS, BATCH, INPUT, OUTPUT
from mobile_export.formats import onnx as onnx_format

CLASS_MAP = "class_map"
FILTERS, REACH, STEP = 8, 5, 4


def network(side: int, classes: int, width: int, *, class_map: bool = False, seed: int = 0) -> bytes:
    """Return a network of photographs (batch, side, side, 3) for so many classes, with ``width`` numbers of answers.

    With ``class_map`` it gives the scores by position as a second output, (batch, rows, columns, classes).
    """
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(seed)
    filters = draw.normal(0, 0.02, (FILTERS, 3, REACH, REACH)).astype(np.float32)
    # So that a photograph's mean colour alone tells little.
    filters -= filters.mean(axis=(2, 3), keepdims=True) * 0.9
    weights = {
        "filters": filters,
        "scores": draw.normal(0, 0.6, (classes, FILTERS, 1, 1)).astype(np.float32),
        "dense": draw.normal(size=(width, classes)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Cast", [INPUT], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "filters"], ["found"], strides=[STEP, STEP]),
        helper.make_node("Relu", ["found"], ["features"]),
        helper.make_node("Conv", ["features", "scores"], ["by_class"]),
        helper.make_node("Transpose", ["by_class"], [CLASS_MAP], perm=[0, 2, 3, 1]),
        helper.make_node("ReduceMean", [CLASS_MAP], ["seen"], axes=[1, 2], keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [BATCH, side, side, 3])]
    logits = "seen"
    if width:
        inputs.append(helper.make_tensor_value_info(ANSWERS, TensorProto.FLOAT, ["answers_batch", width]))
        nodes += [
            helper.make_node("MatMul", [ANSWERS, "dense"], ["told"]),
            helper.make_node("Add", ["seen", "told"], ["both"]),
        ]
        logits = "both"
    nodes.append(helper.make_node("Softmax", [logits], [OUTPUT], axis=-1))
    outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [BATCH, classes])]
    if class_map:
        outputs.append(helper.make_tensor_value_info(CLASS_MAP, TensorProto.FLOAT, [BATCH, None, None, classes]))
    used = {name for node in nodes for name in node.input}
    tensors = [numpy_helper.from_array(value, name) for name, value in weights.items() if name in used]
    graph = helper.make_graph(nodes, "made", inputs, outputs, tensors)
    opset = [helper.make_opsetid("", onnx_format.OPSET)]
    content: bytes = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    return content


def write_artefact(path: Path, facts: ArtefactFacts, *, class_map: bool = False) -> Path:
    """Write such a network as derm exports one, with its facts, labels and seal."""
    width = 0 if facts.answers is None else facts.answers.width
    content = network(facts.preprocessing.size, len(facts.classes), width, class_map=class_map)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(onnx_format, "converted", lambda model, module: content)
        onnx_format.export(None, facts, path)  # type: ignore[arg-type]
    return path
