"""The spec of each exporter and packager; converters and runtimes are imported when one is used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import ExporterSpec, PackagerSpec

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin import ArtefactFacts, Inspection, PackRequest, Predictor, Verification, VerifyRequest


def _format(name: str, title: str, suffix: str, module: str) -> ExporterSpec:
    """Return the spec of a format, whose ``module`` is imported when it is first used."""
    home = f"mobile_export.formats.{module}"

    def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
        import_module(home).export(model, facts, path)

    def load(path: Path) -> Predictor:
        predictor: Predictor = import_module(home).load(path)
        return predictor

    def inspect(path: Path) -> Inspection:
        found: Inspection = getattr(import_module("mobile_export.formats.inspecting"), f"inspect_{name}")(path)
        return found

    return ExporterSpec(name=name, title=title, suffix=suffix, export=export, load=load, inspect=inspect)


KERAS = _format("keras", "Keras's own file", ".keras", "keras_file")
TFLITE = _format("tflite", "TFLite, for phones", ".tflite", "tflite")
ONNX = _format("onnx", "ONNX", ".onnx", "onnx")


def _pack(request: PackRequest, folder: Path) -> None:
    import_module("mobile_export.bundle.packing").pack(request, folder)


def _verify(folder: Path, request: VerifyRequest) -> Verification:
    found: Verification = import_module("mobile_export.bundle.verifying").verify(folder, request)
    return found


def _models(folder: Path) -> tuple[Path, ...]:
    found: tuple[Path, ...] = import_module("mobile_export.bundle.reading").models_of(folder)
    return found


BUNDLE = PackagerSpec(
    name="bundle",
    title="a folder for apps: models, labels, rules, card, proof and a client",
    marker="manifest.json",
    pack=_pack,
    verify=_verify,
    models=_models,
)
