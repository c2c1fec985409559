"""The facts of each format; converters and runtimes are imported when one is used."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import ExporterSpec

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin import ArtefactFacts, Predictor


def _export(module: str) -> Callable[[keras.Model, ArtefactFacts, Path], None]:
    def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
        import_module(f"mobile_export.{module}").export(model, facts, path)

    return export


def _load(module: str) -> Callable[[Path], Predictor]:
    def load(path: Path) -> Predictor:
        predictor: Predictor = import_module(f"mobile_export.{module}").load(path)
        return predictor

    return load


KERAS = ExporterSpec(
    name="keras",
    title="Keras's own file",
    suffix=".keras",
    export=_export("formats.keras_file"),
    load=_load("formats.keras_file"),
)
TFLITE = ExporterSpec(
    name="tflite",
    title="TFLite, for phones",
    suffix=".tflite",
    export=_export("formats.tflite"),
    load=_load("formats.tflite"),
)
ONNX = ExporterSpec(
    name="onnx", title="ONNX", suffix=".onnx", export=_export("formats.onnx"), load=_load("formats.onnx")
)
