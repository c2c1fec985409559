"""TFLite: one photograph at a time, for phones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts, CalibrationPhotographs, quietly, scratch_folder, usable_cores
from mobile_export.artefact.archive import append_facts, check_older_seal, read_facts
from mobile_export.artefact.checks import check_shapes, damaged_error
from mobile_export.artefact.contract import ANSWERS, INPUT, OUTPUT
from mobile_export.artefact.predictor import ArtefactPredictor
from mobile_export.artefact.writing import artefact_file
from mobile_export.formats.converting import converted
from mobile_export.formats.serving import serving_module

if TYPE_CHECKING:
    import keras


def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
    """Convert ``model`` with built-in operations alone, and write it with ``facts`` to ``path``.

    Raises DermError where it cannot be converted or written.
    """
    export_variant(model, facts, path)


def export_variant(
    model: keras.Model,
    facts: ArtefactFacts,
    path: Path,
    calibration: CalibrationPhotographs | None = None,
    *,
    quantization: str | None = None,
    float_input: bool = False,
) -> None:
    """Write the network with fewer bits, or so that it takes float32 photographs.

    Raises DermError where it cannot be converted or written.
    """
    with artefact_file(path, "TFLite") as temporary:
        # Here, since a phone's older runtime, which only loads, comes without flatbuffers.
        from mobile_export.formats.tflite_graph import check_built_in, network_bytes, read_network, without_cast

        content = _converted_once(model)
        network = read_network(content)
        check_built_in(network)
        if float_input:
            without_cast(network)
        if quantization is not None:
            from mobile_export.formats.quantizing import quantized

            network = read_network(quantized(network_bytes(network, len(content)), quantization, calibration))
        # Metadata stand before the weights' places are settled and before the seal: added later, they would undo both.
        _make_for_apps(network, facts, float_input=float_input)
        temporary.write_bytes(network_bytes(network, len(content)))
        append_facts(temporary, facts)


def _converted_once(model: keras.Model) -> bytes:
    """Return what the converter makes of ``model``, of which every variant is made: that takes most of an export."""
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights).data)
    known = _CONVERTED.get(model)
    if known is None or known[0] != digest.digest():
        known = _CONVERTED[model] = digest.digest(), converted(model, __name__)
    return known[1]


_CONVERTED: WeakKeyDictionary[Any, tuple[bytes, bytes]] = WeakKeyDictionary()
"""By network the SHA-256 of its weights, and what the converter made of it."""


def convert(model: keras.Model) -> bytes:
    """Return ``model`` as TFLite, where Keras is bound to TensorFlow; what the converter raises is its own."""
    import tensorflow as tf

    module = serving_module(model, batch=1)
    with scratch_folder("derm-saved-model-") as folder:
        tf.saved_model.save(module, str(folder), signatures=module.serve)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        content: bytes = converter.convert()
        return content


def _make_for_apps(network: Any, facts: ArtefactFacts, *, float_input: bool) -> None:
    """Give a network's inputs and output the contract's names and order, and metadata, in place.

    The converter decorates names, and orders the inputs by them.
    """
    from ai_edge_litert import schema_py_generated as schema

    from mobile_export.formats.tflite_metadata import BUFFER, tflite_metadata

    graph = network.subgraphs[0]
    # Photographs have four dimensions, answers two.
    graph.inputs = sorted((int(each) for each in graph.inputs), key=lambda each: -len(graph.tensors[each].shape))
    for index, name in zip(graph.inputs, (INPUT, ANSWERS), strict=False):
        graph.tensors[index].name = name
    graph.tensors[graph.outputs[0]].name = OUTPUT
    for signature in network.signatureDefs:
        signature.inputs.sort(key=lambda each: graph.inputs.index(each.tensorIndex))
    metadata, buffer = schema.MetadataT(), schema.BufferT()
    metadata.name, metadata.buffer = BUFFER, len(network.buffers)
    buffer.data = tflite_metadata(facts, float_input=float_input)
    network.buffers.append(buffer)
    network.metadata = [*(network.metadata or ()), metadata]


def load(path: Path) -> ArtefactPredictor:
    """Load an artefact into a TFLite runtime.  Raises DermError where it is not one of derm's."""
    carried = read_facts(path)
    if not carried.is_sealed:
        check_older_seal(path)
    try:
        _check_bounds(path.read_bytes())
        with quietly():
            interpreter = _interpreter_class()(model_path=str(path), num_threads=usable_cores())
            interpreter.allocate_tensors()
        inputs = {each["name"]: each for each in interpreter.get_input_details()}
        image, second = inputs.pop(INPUT), inputs.pop(ANSWERS, None)
        (probabilities,) = interpreter.get_output_details()
    # The runtime says ValueError or RuntimeError of a damaged file; another's network has inputs of other names.
    except (ValueError, RuntimeError, KeyError) as error:
        raise damaged_error(path, error) from error
    width = None if second is None else int(second["shape"][-1])
    check_shapes(path, carried.facts, int(image["shape"][1]), int(probabilities["shape"][-1]), width)

    def run(photographs: npt.NDArray[np.uint8], answers: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float32]:
        if second is not None:
            interpreter.set_tensor(second["index"], answers)
        # A variant may take float32, of the same values.
        interpreter.set_tensor(image["index"], photographs.astype(image["dtype"], copy=False))
        interpreter.invoke()
        return np.array(interpreter.get_tensor(probabilities["index"]), dtype=np.float32)

    return ArtefactPredictor(path, carried.facts, run, batch=1, is_sealed=carried.is_sealed)


def _check_bounds(content: bytes) -> None:
    """Raise ValueError for a file that a runtime could not survive; a phone's older one has nothing to read it by."""
    try:
        from mobile_export.formats.tflite_bounds import check_bounds
    except ImportError:
        return
    check_bounds(content)


def _interpreter_class() -> Any:
    """Return the runtime's Interpreter: LiteRT, or the older tflite-runtime where that is what is installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        from tflite_runtime.interpreter import Interpreter
    return Interpreter
