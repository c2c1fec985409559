"""An ONNX artefact of derm's form that costs no training and no TensorFlow: its answers hang on the mean colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from derm_cli.plugin import ArtefactFacts
from mobile_export.artefact.checks import labels_text
from mobile_export.artefact.contract import BATCH, INPUT, OUTPUT, SEAL
from mobile_export.artefact.seal import SIZE, write_seal


def write_onnx(path: Path, facts: ArtefactFacts, more: tuple[object, ...] = (), steepness: float = 1 / 40) -> Path:
    """Write it; ``more`` are nodes that the network has before its own; of ``steepness`` NaN, it answers with none."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    side, classes = facts.preprocessing.size, len(facts.classes)
    weights = np.linspace(-1, 1, 3 * classes, dtype=np.float32).reshape(3, classes) * np.float32(steepness)
    nodes = [
        *more,
        helper.make_node("Cast", [INPUT], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["colour"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [OUTPUT], axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [BATCH, side, side, 3])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [BATCH, classes])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"derm": facts.to_json(), "labels": labels_text(facts)})
    seal = onnx.ModelProto()
    helper.set_model_props(seal, {SEAL: "0" * SIZE})
    path.write_bytes(model.SerializeToString() + seal.SerializeToString())
    write_seal(path)
    return path
