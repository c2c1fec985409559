"""Exporters: the finished model as Keras's own file, as TFLite and as ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import ExporterSpec


@hookimpl
def derm_exporters() -> list[ExporterSpec]:
    """Return the exporters ``keras``, ``tflite`` and ``onnx``."""
    from mobile_export import specs

    return [specs.KERAS, specs.TFLITE, specs.ONNX]
