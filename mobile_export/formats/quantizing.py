"""Quantizes a TFLite network by ai-edge-quantizer, with the ranges of what it computes for calibration photographs.

The quantizer's own calibration takes a moving mean of the ranges, which cuts off what few photographs show: of the
pixels themselves up to a third.  Derm takes the smallest and the largest value.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from typing import Any

import numpy as np

from derm_cli.plugin import CalibrationPhotographs, DermError, first_line
from mobile_export.formats.float_operations import float_operations
from mobile_export.formats.tflite_graph import Network, network_bytes, read_network
from mobile_export.variants import DYNAMIC, FLOAT16, INT16X8

Ranges = dict[str, dict[str, Any]]
"""By the name of a tensor ``min`` and ``max``, arrays with one value and as many dimensions as the tensor."""


def quantized(content: bytes, quantization: str, calibration: CalibrationPhotographs | None) -> bytes:
    """Return the network in ``content`` in one of ``QUANTIZATIONS``; inputs and outputs stay as they are.

    The last two need ``calibration``.  Raises ValueError where nothing of the network would be quantized, and DermError
    where the quantizer is not installed.
    """
    try:
        from ai_edge_quantizer import algorithm_manager, qtyping, quantizer
    except ImportError as error:
        raise DermError(
            f"'{quantization}' needs the package ai-edge-quantizer ({first_line(error)}): install it with "
            "'pip install derm-cli[quantize]'."
        ) from error

    network = read_network(content)
    kept = float_operations(network)
    scopes = [_scope(network, each) for each in range(len(network.subgraphs[0].operators))]
    if len(kept) == len(scopes):
        raise ValueError(f"it has no layer for {quantization}: all are first layers or its head")
    every, names = qtyping.TFLOperationName.ALL_SUPPORTED, algorithm_manager.AlgorithmName
    work = quantizer.Quantizer(network_bytes(network, len(content)))
    if quantization == FLOAT16:
        work.add_weight_only_config(".*", every, 16, algorithm_key=names.FLOAT_CASTING)
    elif quantization == DYNAMIC:
        work.add_dynamic_config(".*", every, 8)
    else:
        work.add_static_config(".*", every, 16 if quantization == INT16X8 else 8, 8)
    stays = "^(?:" + "|".join(re.escape(scopes[each]) for each in kept) + ")$"
    work.update_quantization_recipe(regex=stays, operation_name=every, algorithm_key=names.NO_QUANTIZE)
    for end in (qtyping.TFLOperationName.INPUT, qtyping.TFLOperationName.OUTPUT):
        # To the quantizer these are operations too.
        work.update_quantization_recipe(regex=".", operation_name=end, algorithm_key=names.NO_QUANTIZE)
    ranges = ranges_of(content, calibration.photographs) if calibration is not None else None
    # It draws a bar, whatever it is told, and warns of the memory that its own check takes.
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        result = work.quantize(ranges, enable_progress_bar=False, enable_progress_report=False)
    return bytes(result.quantized_model)


def ranges_of(content: bytes, photographs: np.ndarray[Any, Any]) -> Ranges:
    """Return the smallest and the largest value of each float tensor over ``photographs``, uint8 (n, size, size, 3).

    A second input gets zeros: it is used in the head alone, which stays in float32.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    with warnings.catch_warnings():
        # That keeping all tensors takes memory is known.
        warnings.simplefilter("ignore")
        interpreter = Interpreter(
            model_content=content,
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
    interpreter.allocate_tensors()
    image = next(each for each in interpreter.get_input_details() if len(each["shape"]) == 4)
    # Those of weights the quantizer settles itself, channel by channel.
    graph = read_network(content).subgraphs[0]
    computed = {int(each) for operation in graph.operators for each in operation.outputs}
    details = (each for each in interpreter.get_tensor_details() if each["index"] in computed)
    tensors = [each for each in details if each["dtype"] is np.float32]
    found: Ranges = {}
    for photograph in photographs:
        interpreter.set_tensor(image["index"], photograph[np.newaxis].astype(image["dtype"]))
        interpreter.invoke()
        for each in tensors:
            values = interpreter.get_tensor(each["index"])
            shape = (1,) * values.ndim
            low, high = (np.full(shape, extreme(), np.float32) for extreme in (values.min, values.max))
            before = found.setdefault(each["name"], {"min": low, "max": high})
            before["min"], before["max"] = np.minimum(before["min"], low), np.maximum(before["max"], high)
    return found


def _scope(network: Network, place: int) -> str:
    """Return the name by which the quantizer knows an operation: its outputs' names, each with a semicolon behind."""
    graph = network.subgraphs[0]
    return "".join(f"{graph.tensors[each].name.decode()};" for each in graph.operators[place].outputs)
