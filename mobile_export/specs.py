"""The spec of each exporter; converters and runtimes are imported when one is used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import ExporterSpec

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin import ArtefactFacts, Predictor


def _format(name: str, title: str, suffix: str, module: str) -> ExporterSpec:
    """Return the spec of a format, whose ``module`` is imported when it is first used."""
    home = f"mobile_export.formats.{module}"

    def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
        import_module(home).export(model, facts, path)

    def load(path: Path) -> Predictor:
        predictor: Predictor = import_module(home).load(path)
        return predictor

    return ExporterSpec(name=name, title=title, suffix=suffix, export=export, load=load)


KERAS = _format("keras", "Keras's own file", ".keras", "keras_file")
TFLITE = _format("tflite", "TFLite, for phones", ".tflite", "tflite")
ONNX = _format("onnx", "ONNX", ".onnx", "onnx")
