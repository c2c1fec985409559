"""A TFLite network read, changed and written: built-in operations, and a photograph without a cast."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from derm_cli.errors import DermError
from mobile_export.formats.tflite import convert
from mobile_export.formats.tflite_graph import (
    check_built_in,
    network_bytes,
    operation_names,
    read_network,
    without_cast,
)
from mobile_export.specs import TFLITE


def test_a_custom_operation_is_named(deep_network):
    network = read_network(convert(deep_network))
    check_built_in(network)
    code = network.operatorCodes[0]
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = b"MyResize"
    with pytest.raises(ValueError, match="operations that are not built in: MyResize"):
        check_built_in(network)


def test_an_operation_that_runtimes_do_not_have_is_named_and_nothing_is_written(facts, tmp_path):
    entry = keras.Input((32, 32, 3))
    flow = keras.layers.Conv2D(3, 3)(entry)
    flow = keras.layers.GlobalAveragePooling2D()(keras.ops.erfinv(flow / 1e4))
    model = keras.Model(entry, keras.layers.Softmax()(flow))
    with pytest.raises(DermError, match="Erfinv"):
        TFLITE.export(model, facts, tmp_path / "model.tflite")
    assert not list(tmp_path.iterdir())


def test_without_the_cast_it_takes_float32_of_the_same_values(deep_network, photographs):
    content = convert(deep_network)
    network = read_network(content)
    without_cast(network)
    assert "CAST" not in operation_names(network)
    answers = []
    for each in (content, network_bytes(network, len(content))):
        interpreter = Interpreter(model_content=each)
        interpreter.allocate_tensors()
        (entry,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
        interpreter.set_tensor(entry["index"], photographs[:1].astype(entry["dtype"]))
        interpreter.invoke()
        answers.append((entry["dtype"], interpreter.get_tensor(answer["index"])))
    assert [dtype for dtype, _ in answers] == [np.uint8, np.float32]
    np.testing.assert_allclose(answers[0][1], answers[1][1], atol=1e-6)
    with pytest.raises(ValueError, match="its photograph is used otherwise than by a cast"):
        without_cast(network)


def test_weights_that_stand_behind_the_network_are_read(deep_network):
    content = convert(deep_network)
    network = read_network(content)
    for buffer in network.buffers:
        if buffer.data is not None and len(buffer.data):
            buffer.data = None
            buffer.offset, buffer.size = len(content), 4
    again = read_network(network_bytes(network, len(content)).ljust(len(content), b"\0") + b"abcd")
    found = {bytes(each.data) for each in again.buffers if each.data is not None and len(each.data)}
    assert found == {b"abcd"}
    assert all(each.offset == each.size == 0 for each in again.buffers)
