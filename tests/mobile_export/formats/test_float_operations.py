"""What stays in float32: the first layers, the head, and what no photograph reaches."""

from __future__ import annotations

from mobile_export.formats.float_operations import float_operations
from mobile_export.formats.tflite import convert
from mobile_export.formats.tflite_graph import operations, read_network


def kinds(model):
    """Return the names of the operations that stay, and of the others."""
    network = read_network(convert(model))
    kept, listed = float_operations(network), [name for name, _ in operations(network)]
    return [listed[each] for each in kept], [name for place, name in enumerate(listed) if place not in kept]


def test_first_layers_and_the_head_stay(deep_network):
    kept, others = kinds(deep_network)
    # Of four convolutions that halve, the fourth gives a map that is a sixteenth as wide.  The sum in front of the head
    # leads to no other convolution.
    assert kept == ["CAST", "MUL", "ADD", *["CONV_2D"] * 3, "ADD", "CONV_2D", "MEAN", "SOFTMAX"]
    assert others == ["CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "ADD", "DEPTHWISE_CONV_2D", "CONV_2D"]


def test_what_is_computed_of_answers_stays(deep_network):
    import keras

    answers = keras.Input((4,), name="answers")
    own = keras.layers.Dense(3, use_bias=False, name="own")(answers)
    # Keras counts names for a process: what it gives here may be that of a layer of the network, made long before.
    both = keras.layers.Add(name="both")([deep_network.layers[-2].output, own])
    kept, others = kinds(keras.Model([deep_network.inputs[0], answers], keras.layers.Softmax(name="shares")(both)))
    assert "FULLY_CONNECTED" in kept
    assert "FULLY_CONNECTED" not in others
    assert others.count("DEPTHWISE_CONV_2D") == 2


def test_a_network_of_nothing_else_stays_as_it_is(network):
    assert kinds(network)[1] == []
