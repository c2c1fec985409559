"""Keras's own file: the network as it was trained, in float32, and the reference for all other formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts, read_keras_model
from mobile_export.artefact.archive import append_facts, read_facts
from mobile_export.artefact.checks import check_shapes
from mobile_export.artefact.predictor import ArtefactPredictor
from mobile_export.artefact.writing import artefact_file

if TYPE_CHECKING:
    import keras

BATCH = 32


def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
    """Write ``model`` and ``facts`` to ``path``.  Raises DermError where it cannot be written."""
    with artefact_file(path, "Keras's own file") as temporary:
        model.save(temporary)
        append_facts(temporary, facts)


def load(path: Path) -> ArtefactPredictor:
    """Load an artefact.  Raises DermError where it is not one of derm's."""
    carried = read_facts(path)
    model = read_keras_model(path)
    image, *second = model.inputs
    check_shapes(path, carried.facts, image.shape[1], model.output_shape[-1], second[0].shape[-1] if second else None)

    def run(photographs: npt.NDArray[np.uint8], answers: npt.NDArray[np.float32] | None) -> npt.NDArray[np.float32]:
        pixels = photographs.astype(np.float32)
        inputs = pixels if answers is None else [pixels, answers]
        return np.asarray(model.predict_on_batch(inputs), dtype=np.float32)

    return ArtefactPredictor(path, carried.facts, run, BATCH, is_sealed=carried.is_sealed)
