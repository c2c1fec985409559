"""Variants of TFLite: they answer as the network does, with fewer bits, and only where that costs little."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from derm_cli.errors import DermError
from mobile_export.formats.quantizing import quantized, ranges_of
from mobile_export.formats.tflite import convert
from mobile_export.formats.tflite_graph import network_bytes, operations, read_network
from mobile_export.specs import TFLITE
from mobile_export.variants import QUANTIZATIONS

NEAR = {"": 1e-5, "float16": 2e-3, "dynamic": 0.05, "int8": 0.06, "int16x8": 0.05}
TYPES = {"": {"FLOAT32"}, "float16": {"FLOAT32", "FLOAT16"}, "dynamic": {"FLOAT32", "INT8"}}
NAMES = {0: "FLOAT32", 1: "FLOAT16", 3: "UINT8", 7: "INT16", 9: "INT8"}


def bits_of(name):
    return "" if name in ("none", "float-input") else name.removesuffix("-float-input")


@pytest.mark.parametrize("name", ["none", *(each.name for each in TFLITE.variants)])
def test_each_variant_answers_as_the_network_does_and_says_which_it_is(name, variants, deep_network, photographs):
    predictor = TFLITE.load(variants[name])
    assert predictor.facts.variant == ("" if name == "none" else name)
    expected = deep_network.predict(photographs.astype("float32"), verbose=0)
    assert np.ptp(expected, axis=0).min() > 0.1, "the network must tell the photographs apart for this to show anything"
    found = predictor(photographs)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=NEAR[bits_of(name)])


@pytest.mark.parametrize("name", ["none", *QUANTIZATIONS])
def test_each_has_the_bits_that_it_tells_of(name, variants):
    network = read_network(variants[name].read_bytes())
    graph = network.subgraphs[0]
    weights = {
        NAMES[graph.tensors[int(tensor)].type]
        for kind, each in operations(network)
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "DEQUANTIZE")
        for tensor in each.inputs[:2]
        if graph.tensors[int(tensor)].buffer and network.buffers[graph.tensors[int(tensor)].buffer].data is not None
    }
    assert weights == TYPES.get(bits_of(name), {"FLOAT32", "INT8"})
    maps = {NAMES.get(graph.tensors[int(tensor)].type) for kind, each in operations(network) for tensor in each.outputs}
    assert ("INT8" in maps, "INT16" in maps) == (name == "int8", name == "int16x8")


def test_each_quantized_file_is_smaller(variants):
    sizes = {name: path.stat().st_size for name, path in variants.items()}
    assert all(sizes[name] < sizes["none"] for name in QUANTIZATIONS)


def test_ranges_are_the_smallest_and_the_largest_value_of_all_photographs(deep_network, photographs):
    """A mean over photographs would cut off the pixels of those that are brightest and darkest."""
    ranges = ranges_of(convert(deep_network), photographs)
    (pixels,) = [each for name, each in ranges.items() if name == "Cast"]
    assert (pixels["min"].item(), pixels["max"].item()) == (photographs.min(), photographs.max())
    assert pixels["min"].shape == (1, 1, 1, 1)
    # Those of weights are the quantizer's own: it has one for each channel.
    assert all(np.isfinite(each["min"]).all() and "ReadVariableOp" not in name for name, each in ranges.items())


def test_a_network_of_first_layers_and_a_head_alone_is_not_quantized(network, calibration):
    with pytest.raises(ValueError, match="it has no layer for int8: all are first layers or its head"):
        quantized(convert(network), "int8", calibration)


def test_without_the_quantizer_it_is_said_how_to_get_it(deep_network, monkeypatch, tmp_path, facts):
    monkeypatch.setitem(sys.modules, "ai_edge_quantizer", None)
    dynamic = next(each for each in TFLITE.variants if each.name == "dynamic")
    with pytest.raises(DermError, match=r"'dynamic' needs the package ai-edge-quantizer .*derm-cli\[quantize\]"):
        dynamic.export(deep_network, facts, tmp_path / "model.tflite", None)
    assert not list(tmp_path.iterdir())


def test_the_same_network_and_photographs_give_the_same_bytes(deep_network, calibration):
    content = convert(deep_network)
    for name in QUANTIZATIONS:
        given = calibration if "int" in name else None
        assert quantized(content, name, given) == quantized(content, name, given)
    assert network_bytes(read_network(content), len(content)) == network_bytes(read_network(content), len(content))
