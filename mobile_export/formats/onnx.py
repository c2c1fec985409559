"""ONNX: any number of photographs, for servers and for phones with ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts
from mobile_export.artefact.checks import (
    check_shapes,
    damaged_error,
    labels_text,
    titles_texts,
    unreadable_error,
    verified_facts,
)
from mobile_export.artefact.contract import ANSWERS, INPUT, OUTPUT, SEAL, TITLES_LOCALE
from mobile_export.artefact.predictor import ArtefactPredictor
from mobile_export.artefact.seal import SIZE, check_whole_seal, write_seal
from mobile_export.artefact.writing import artefact_file
from mobile_export.formats.converting import converted
from mobile_export.formats.onnx_bounds import check_bounds
from mobile_export.formats.onnx_names import make_canonical
from mobile_export.formats.onnx_reshapes import drop_idle_reshapes
from mobile_export.formats.serving import serving_module

if TYPE_CHECKING:
    import keras
    import onnx

OPSET = 17
BATCH = 4
"""Photographs that one core answers together."""
FACTS_KEY, LABELS_KEY, _TITLES = "derm", "labels", "titles"
"""The keys of the metadata under which a network carries its facts, its labels and their titles."""
MOST_BYTES = 1 << 31
"""The most bytes of a message of protobuf, so of an ONNX network in one file."""


def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
    """Convert ``model``, and write it with ``facts`` in its metadata to ``path``.

    Raises DermError where it cannot be converted or written.
    """
    with artefact_file(path, "ONNX") as temporary:
        import onnx

        network = onnx.ModelProto.FromString(converted(model, __name__))
        drop_idle_reshapes(network)
        make_canonical(network)
        network.producer_name, network.producer_version = "derm", facts.derm
        if facts.answers is not None:
            _add_default_answers(network, facts.answers.width)
        _add_metadata(network, FACTS_KEY, facts.to_json())
        _add_metadata(network, LABELS_KEY, labels_text(facts))
        for language, text in titles_texts(facts).items():
            _add_metadata(network, _TITLES if language == TITLES_LOCALE else f"{_TITLES}-{language}", text)
        # Messages of protobuf that are written one behind the other are read as one (Protocol Buffers, Encoding): so
        # the digits of the seal, one more entry of the metadata, are the file's last bytes.
        seal = onnx.ModelProto()
        _add_metadata(seal, SEAL, "0" * SIZE)
        temporary.write_bytes(network.SerializeToString(deterministic=True) + seal.SerializeToString())
        write_seal(temporary)


def convert(model: keras.Model) -> bytes:
    """Return ``model`` as ONNX, where Keras is bound to TensorFlow; what the converter raises is its own."""
    import tf2onnx

    module = serving_module(model, batch=None)
    network, _ = tf2onnx.convert.from_function(
        module.serve,
        input_signature=module.serve.input_signature,
        opset=OPSET,
        custom_op_handlers={"Erfc": (_convert_erfc, [])},
    )
    content: bytes = network.SerializeToString()
    return content


def _convert_erfc(graph: Any, node: Any, _name: str, _arguments: list[Any]) -> None:
    """Write 1 - erf for erfc, of which TensorFlow makes GELU: ONNX has no operation of that name.

    What is lost beside erfc itself, 1e-7, is far below what GELU adds it to.
    """
    shapes, dtypes = node.output_shapes, node.output_dtypes
    graph.remove_node(node.name)
    one = graph.make_const(f"{node.name}_one", np.array(1, np.float32))
    erf = graph.make_node("Erf", node.input, shapes=shapes, dtypes=dtypes)
    graph.make_node(
        "Sub", [one.output[0], erf.output[0]], name=node.name, outputs=node.output, shapes=shapes, dtypes=dtypes
    )


def _add_metadata(model: onnx.ModelProto, key: str, value: str) -> None:
    entry = model.metadata_props.add()
    entry.key, entry.value = key, value


def _add_default_answers(model: onnx.ModelProto, width: int) -> None:
    """Give the input ``answers`` zeros as its default, so that a program that knows of none asks as it always did.

    One row stands for those of all photographs: it is added to each.
    """
    from onnx import helper

    zeros = np.zeros((1, width), np.float32)
    model.graph.initializer.append(
        helper.make_tensor(ANSWERS, helper.np_dtype_to_tensor_dtype(zeros.dtype), zeros.shape, zeros.ravel())
    )


def load(path: Path) -> ArtefactPredictor:
    """Load an artefact into ONNX Runtime.  Raises DermError where it is not one of derm's."""
    import onnxruntime

    try:
        # Before the runtime sees it: of a file that it cannot parse, it prints more than it raises.
        if path.stat().st_size > MOST_BYTES:
            raise damaged_error(path, "it is larger than any ONNX file")
        check_whole_seal(path)
        content = path.read_bytes()
    except OSError as error:
        raise unreadable_error(path, error) from error
    try:
        check_bounds(content)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # A photograph on each core takes less of them than one on all: nobody waits for a layer's other half.
        options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
        text, labels = metadata[FACTS_KEY], metadata[LABELS_KEY]
        (image,), (probabilities,) = session.get_inputs(), session.get_outputs()
        widths = {each.name: each.shape[-1] for each in session.get_overridable_initializers()}
        shapes = image.shape[1], probabilities.shape[-1], widths.get(ANSWERS)
    # ONNX Runtime has exceptions of its own, without a common base.
    except Exception as error:
        raise damaged_error(path, error) from error
    facts = verified_facts(path, text, labels)
    check_shapes(path, facts, *shapes)

    def run(photographs: npt.NDArray[np.uint8], answers: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float32]:
        given = {} if answers is None else {ANSWERS: answers}
        return np.asarray(session.run([OUTPUT], {INPUT: photographs, **given})[0], dtype=np.float32)

    return ArtefactPredictor(path, facts, run, BATCH, is_sealed=True, is_concurrent=True)
