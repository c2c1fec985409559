"""The spec of each exporter and packager; converters and runtimes are imported when one is used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import ExporterSpec, ExporterVariant, PackagerSpec
from mobile_export.variants import AGREEMENT, CALIBRATED, RECALL_LOSS, TFLITE_VARIANTS, TFLiteVariant

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin import (
        ArtefactFacts,
        CalibrationPhotographs,
        Inspection,
        PackRequest,
        Predictor,
        Verification,
        VerifyRequest,
    )


def _format(
    name: str, title: str, suffix: str, module: str, variants: tuple[ExporterVariant, ...] = ()
) -> ExporterSpec:
    """Return the spec of a format, whose ``module`` is imported when it is first used."""
    home = f"mobile_export.formats.{module}"

    def export(model: keras.Model, facts: ArtefactFacts, path: Path) -> None:
        import_module(home).export(model, facts, path)

    def load(path: Path) -> Predictor:
        predictor: Predictor = import_module(home).load(path)
        return predictor

    def inspect(path: Path) -> Inspection:
        from mobile_export.formats import inspecting

        found: Inspection = getattr(inspecting, f"inspect_{name}")(path)
        return found

    return ExporterSpec(
        name=name, title=title, suffix=suffix, export=export, load=load, inspect=inspect, variants=variants
    )


def _exported(variant: TFLiteVariant) -> ExporterVariant:
    """Return a variant of TFLite as derm exports it."""

    def export(
        model: keras.Model, facts: ArtefactFacts, path: Path, calibration: CalibrationPhotographs | None
    ) -> None:
        from mobile_export.formats.tflite import export_variant

        quantization = variant.quantization or None
        export_variant(model, facts, path, calibration, quantization=quantization, float_input=variant.float_input)

    return ExporterVariant(
        name=variant.name,
        title=variant.title,
        export=export,
        calibrated=variant.quantization in CALIBRATED,
        tolerance=variant.tolerance,
        agreement=AGREEMENT if variant.tolerance is None else None,
        recall_loss=RECALL_LOSS if variant.tolerance is None else None,
    )


KERAS = _format("keras", "Keras's own file", ".keras", "keras_file")
TFLITE = _format("tflite", "TFLite, for phones", ".tflite", "tflite", tuple(map(_exported, TFLITE_VARIANTS)))
ONNX = _format("onnx", "ONNX", ".onnx", "onnx")


def _pack(request: PackRequest, folder: Path) -> None:
    from mobile_export.bundle.packing import pack

    pack(request, folder)


def _verify(folder: Path, request: VerifyRequest) -> Verification:
    from mobile_export.bundle.verifying import verify

    return verify(folder, request)


def _models(folder: Path) -> tuple[Path, ...]:
    from mobile_export.bundle.reading import models_of

    return models_of(folder)


BUNDLE = PackagerSpec(
    name="bundle",
    title="a folder for apps: models, labels, rules, card, proof and a client",
    marker="manifest.json",
    pack=_pack,
    verify=_verify,
    models=_models,
)
