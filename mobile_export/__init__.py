"""Exporters, the finished model as Keras's own file, as TFLite and as ONNX; the packager of bundles; commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    import click

    from derm_cli.plugin import ExporterSpec, PackagerSpec


@hookimpl
def derm_exporters() -> list[ExporterSpec]:
    """Return the exporters ``keras``, ``tflite`` and ``onnx``."""
    from mobile_export import specs

    return [specs.KERAS, specs.TFLITE, specs.ONNX]


@hookimpl
def derm_packagers() -> list[PackagerSpec]:
    """Return the packager ``bundle``."""
    from mobile_export import specs

    return [specs.BUNDLE]


@hookimpl
def derm_commands(cli: click.Group) -> None:
    """Add ``derm benchmark`` and ``derm preview``."""
    from mobile_export.tools.benchmark.command import command as benchmark
    from mobile_export.tools.preview.command import command as preview

    cli.add_command(benchmark)
    cli.add_command(preview)
