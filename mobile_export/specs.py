"""The spec of each exporter and packager; converters and runtimes are imported when one is used."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import ExporterSpec, ExporterVariant, PackagerSpec

FLOAT_INPUT = "float-input"

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
        found: Inspection = getattr(import_module("mobile_export.formats.inspecting"), f"inspect_{name}")(path)
        return found

    return ExporterSpec(
        name=name, title=title, suffix=suffix, export=export, load=load, inspect=inspect, variants=variants
    )


def _tflite_variants() -> Iterator[ExporterVariant]:
    """Yield the variants of TFLite: each number of bits with both inputs."""
    for quantization, (title, gate) in _QUANTIZATIONS.items():
        for float_input in (False, True):
            name = "-".join(part for part in (quantization, FLOAT_INPUT if float_input else "") if part)
            if not name:
                continue

            def export(  # noqa: PLR0917
                model: keras.Model,
                facts: ArtefactFacts,
                path: Path,
                calibration: CalibrationPhotographs | None,
                quantization: str = quantization,
                float_input: bool = float_input,
            ) -> None:
                module = import_module("mobile_export.formats.tflite")
                module.export_variant(
                    model, facts, path, calibration, quantization=quantization or None, float_input=float_input
                )

            yield ExporterVariant(
                name=name,
                title=title + (", float32 photographs" if float_input else ""),
                export=export,
                calibrated=quantization in ("int8", "int16x8"),
                **gate,
            )


_ANSWERS_GATE = {"agreement": 0.98, "recall_loss": 0.02}
_QUANTIZATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "": ("float32 weights", {"tolerance": 1e-4}),
    "float16": ("float16 weights", {"tolerance": 1e-2}),
    "dynamic": ("int8 weights, ranges at run time", _ANSWERS_GATE),
    "int8": ("int8 weights and feature maps", _ANSWERS_GATE),
    "int16x8": ("int8 weights, int16 feature maps", _ANSWERS_GATE),
}
"""By name, what a variant of TFLite has, and how near to its run it must be."""

KERAS = _format("keras", "Keras's own file", ".keras", "keras_file")
TFLITE = _format("tflite", "TFLite, for phones", ".tflite", "tflite", tuple(_tflite_variants()))
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
