"""What TFLite's GPU delegate leaves to the CPU is told by its published rules."""

from __future__ import annotations

import pytest

from derm_cli.taxonomy import LesionClass
from mobile_export.formats.gpu_operations import left_to_the_cpu
from mobile_export.formats.tflite_graph import read_network
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_tflite import write_tflite

FACTS = made_facts(classes=tuple(LesionClass(name=name, title=name) for name in "abc"))
CAST = ("CAST", "from uint8 to float32")


@pytest.fixture
def made(tmp_path):
    """CAST of bytes, MEAN by constant axes, SOFTMAX of the steepness 1."""
    return read_network(write_tflite(tmp_path / "model.tflite", FACTS, steepness=1.0).read_bytes())


def of_kind(network, kind):
    from ai_edge_litert import schema_py_generated as schema

    code = getattr(schema.BuiltinOperator, kind)
    network.operatorCodes[1].builtinCode, network.operatorCodes[1].deprecatedBuiltinCode = code, min(code, 127)


def with_type(network, name, tensors):
    from ai_edge_litert import schema_py_generated as schema

    for each in tensors:
        network.subgraphs[0].tensors[each].type = getattr(schema.TensorType, name)


def without_data(network):
    network.buffers[1].data = None


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda network: None, [CAST]),
        (lambda network: with_type(network, "FLOAT32", [0]), []),
        (lambda network: with_type(network, "INT32", [0]), []),
        (lambda network: with_type(network, "BOOL", [0]), []),
        (lambda network: of_kind(network, "RFFT2D"), [CAST, ("RFFT2D", "not among its operations")]),
        (lambda network: of_kind(network, "SUM"), [CAST]),
        (lambda network: of_kind(network, "ABS"), [CAST]),
        (without_data, [CAST, ("MEAN", "by axes that are not constant")]),
        (
            lambda network: setattr(network.subgraphs[0].operators[2].builtinOptions, "beta", 0.5),
            [CAST, ("SOFTMAX", "of another steepness than 1")],
        ),
        (
            lambda network: with_type(network, "INT16", [1, 3]),
            [("CAST", "from uint8 to int16"), ("MEAN", "of int16"), ("SOFTMAX", "of int16")],
        ),
        (lambda network: with_type(network, "INT64", [2]), [CAST, ("MEAN", "by axes that are not constant")]),
    ],
)
def test_an_operation_is_left_where_a_rule_is_against_it(made, change, left):
    change(made)
    assert left_to_the_cpu(made) == left


def test_float32_photographs_leave_nothing(deep_network, facts, tmp_path):
    from mobile_export.specs import TFLITE

    (variant,) = (each for each in TFLITE.variants if each.name == "float-input")
    TFLITE.export(deep_network, facts, tmp_path / "model.tflite")
    variant.export(deep_network, facts, tmp_path / "float.tflite", None)
    assert left_to_the_cpu(read_network((tmp_path / "model.tflite").read_bytes())) == [CAST]
    assert left_to_the_cpu(read_network((tmp_path / "float.tflite").read_bytes())) == []
