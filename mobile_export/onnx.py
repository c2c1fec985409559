"""ONNX: any number of photographs, for servers and for phones with ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts, DermError, quietly, whole
from mobile_export.carrying import agreeing, labels_of, not_ours
from mobile_export.naming import INPUT, OUTPUT
from mobile_export.predicting import ArtefactPredictor, check_shapes

if TYPE_CHECKING:
    import keras

OPSET = 17
BATCH = 32
_FACTS, _LABELS = "derm", "labels"


def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
    """Convert ``model``, and write it with ``facts`` in its metadata to ``path``.

    Raises DermError where it cannot be converted.
    """
    from mobile_export.serving import serving

    with whole(path) as temporary, quietly():
        import onnx
        import tf2onnx

        try:
            module = serving(model, batch=None)
            converted, _ = tf2onnx.convert.from_function(
                module.serve, input_signature=module.serve.input_signature, opset=OPSET
            )
        except OSError:
            raise
        except Exception as error:
            raise DermError(f"'{path}' cannot be converted to ONNX ({str(error).strip()[:300]}).") from error
        for key, value in ((_FACTS, facts.to_json()), (_LABELS, labels_of(facts))):
            entry = converted.metadata_props.add()
            entry.key, entry.value = key, value
        onnx.save(converted, temporary)


def load(path: Path) -> ArtefactPredictor:
    """Load an artefact into ONNX Runtime.  Raises DermError where it is not one of derm's."""
    import onnxruntime

    try:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        carried = session.get_modelmeta().custom_metadata_map
        text, labels = carried[_FACTS], carried[_LABELS]
        (entry,), (answer,) = session.get_inputs(), session.get_outputs()
    except OSError as error:
        raise DermError(f"'{path}' cannot be read ({error.strerror}): give an artefact of 'derm export'.") from error
    # ONNX Runtime has exceptions of its own, without a common base.
    except Exception as error:
        raise not_ours(path, error) from error
    facts = agreeing(path, ArtefactFacts.from_json(text, str(path)), labels)
    check_shapes(path, facts, entry.shape[1], answer.shape[-1])

    def run(photographs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return np.asarray(session.run([OUTPUT], {INPUT: photographs})[0], dtype=np.float32)

    return ArtefactPredictor(path, facts, run, BATCH)
