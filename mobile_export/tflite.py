"""TFLite: one photograph at a time, for phones."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts, DermError, quietly, whole
from mobile_export.carrying import not_ours, put_in, read_from
from mobile_export.naming import INPUT, OUTPUT
from mobile_export.predicting import ArtefactPredictor, check_shapes

if TYPE_CHECKING:
    import keras


def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
    """Convert ``model`` with built-in operations alone, and write it with ``facts`` to ``path``.

    Raises DermError where it cannot be converted.
    """
    with whole(path) as temporary:
        temporary.write_bytes(_convert(model, path))
        put_in(temporary, facts)


def _convert(model: keras.Model, path: Path) -> bytes:
    from mobile_export.serving import serving

    with quietly():
        import tensorflow as tf

        try:
            module = serving(model, batch=1)
            with tempfile.TemporaryDirectory(prefix="derm-saved-model-") as folder:
                tf.saved_model.save(module, folder, signatures=module.serve)
                converter = tf.lite.TFLiteConverter.from_saved_model(folder)
                converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
                return _named(converter.convert())
        except OSError:
            raise
        except Exception as error:
            raise DermError(f"'{path}' cannot be converted to TFLite ({str(error).strip()[:300]}).") from error


def _named(content: bytes) -> bytes:
    """Give the network's input and output tensors the names that apps look for; the converter decorates them."""
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for buffer in model.buffers:
        # The converter writes weights behind the table, where packing it again would not take them along.
        if buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].name = INPUT
    graph.tensors[graph.outputs[0]].name = OUTPUT
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def load(path: Path) -> ArtefactPredictor:
    """Load an artefact into a TFLite runtime.  Raises DermError where it is not one of derm's."""
    facts = read_from(path)
    try:
        with quietly():
            interpreter = _interpreter()(model_path=str(path))
            interpreter.allocate_tensors()
        (entry,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
    # The runtime says ValueError or RuntimeError of a damaged file.
    except (ValueError, RuntimeError) as error:
        raise not_ours(path, error) from error
    check_shapes(path, facts, int(entry["shape"][1]), int(answer["shape"][-1]))

    def run(photographs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        interpreter.set_tensor(entry["index"], photographs)
        interpreter.invoke()
        return np.array(interpreter.get_tensor(answer["index"]), dtype=np.float32)

    return ArtefactPredictor(path, facts, run, batch=1)


def _interpreter() -> Any:
    """Return the runtime's Interpreter: LiteRT, or the older tflite-runtime where that is what is installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        from tflite_runtime.interpreter import Interpreter
    return Interpreter
