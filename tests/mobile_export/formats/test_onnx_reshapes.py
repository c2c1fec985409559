"""Reshapes that change nothing go, whichever of them a converter has left; those that change something stay."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from mobile_export.formats.onnx_names import make_canonical
from mobile_export.formats.onnx_reshapes import drop_idle_reshapes

HEAD = """<ir_version: 8, opset_import: ["" : 17]>
made (float[batch, 6] image) => (float[batch, {size}] probabilities)
<int64[4] spread = {{-1, 6, 1, 1}}, int64[4] kept = {{0, -1, 1, 1}}, int64[4] folded = {{-1, 3, 2, 1}},
 int64[2] flat = {{-1, 6}}, int64[2] half = {{-1, 3}}>
{{ {body} }}"""


def made(body: str, size: int = 6) -> onnx.ModelProto:
    return onnx.parser.parse_model(HEAD.format(body=body, size=size))


def reshapes(network: onnx.ModelProto) -> int:
    return [node.op_type for node in network.graph.node].count("Reshape")


def answers(network: onnx.ModelProto) -> np.ndarray:
    photographs = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    session = onnxruntime.InferenceSession(network.SerializeToString())
    return np.asarray(session.run(None, {"image": photographs})[0])


END = " probabilities = Reshape(b, flat)"
LEAST = "a = Reshape(image, spread) b = Sigmoid(a)" + END
SAME = {
    "none is idle": LEAST,
    "behind another": "a = Reshape(image, spread) c = Reshape(a, spread) b = Sigmoid(c)" + END,
    "with what is copied": "a = Reshape(image, spread) c = Reshape(a, kept) b = Sigmoid(c)" + END,
    "behind an operation": "a = Reshape(image, spread) c = Sigmoid(a) b = Reshape(c, kept)" + END,
    "there and back": """a = Reshape(image, spread) c = Reshape(a, folded) d = Reshape(c, spread) b = Sigmoid(d)"""
    + END,
    "before all": "z = Reshape(image, flat) a = Reshape(z, spread) b = Sigmoid(a)" + END,
    "transposed and reshaped": """a = Reshape(image, spread) c = Transpose<perm = [0, 2, 3, 1]>(a)
 d = Reshape(c, spread) b = Sigmoid(d)"""
    + END,
    "transposed twice": """a = Reshape(image, spread) c = Transpose<perm = [0, 2, 3, 1]>(a)
 d = Transpose<perm = [0, 3, 1, 2]>(c) b = Sigmoid(d)"""
    + END,
    "transposed to where it is": "a = Reshape(image, spread) c = Transpose<perm = [0, 1, 3, 2]>(a) b = Sigmoid(c)"
    + END,
}


@pytest.mark.parametrize("body", SAME.values(), ids=SAME)
def test_what_is_left_has_one_form(body):
    least, network = made(LEAST), made(body)
    for each in (least, network):
        drop_idle_reshapes(each)
        make_canonical(each)
    assert network == least
    assert reshapes(network) == 2
    np.testing.assert_array_equal(answers(network), answers(made(body)))


STAY = {
    "one that halves rows": ("a = Sigmoid(image) probabilities = Reshape(a, half)", 3, 1),
    "an output": ("a = Sigmoid(image) probabilities = Reshape(a, flat)", 6, 1),
    "a transpose of values": (
        "a = Reshape(image, folded) b = Transpose<perm = [0, 2, 1, 3]>(a) probabilities = Reshape(b, flat)",
        6,
        2,
    ),
    "a transpose with rows behind": (
        "a = Reshape(image, spread) b = Transpose<perm = [1, 0, 2, 3]>(a) probabilities = Reshape(b, flat)",
        6,
        2,
    ),
    "a zero behind another form": (
        "a = Reshape(image, folded) c = Reshape(a, kept) b = Sigmoid(c) probabilities = Reshape(b, flat)",
        6,
        3,
    ),
}


@pytest.mark.parametrize(("body", "size", "count"), STAY.values(), ids=STAY)
def test_what_changes_something_stays(body, size, count):
    network = made(body, size)
    drop_idle_reshapes(network)
    onnx.checker.check_model(network, full_check=True)
    assert reshapes(network) == count
    np.testing.assert_array_equal(answers(network), answers(made(body, size)))
