"""The options by which commands are told of formats: a flag for each exporter, the plugins' too, and variants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing
from derm_cli.errors import RequestError
from derm_cli.plugin import ExporterSpec

F = TypeVar("F", bound=Callable[..., Any])


def _flag_of(exporter: str) -> str:
    return "to_" + exporter.replace("-", "_")


def comma_separated(texts: tuple[str, ...]) -> list[str]:
    """Return the parts of texts with commas."""
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _quantizations(ctx: click.Context) -> list[str]:
    from derm_cli.workflows.exporting.variants import quantizations

    return quantizations(session(ctx).registry.all(ExporterSpec).values())


def quantize_option(command: F) -> F:
    """Add ``--quantize``."""
    return click.option(
        "--quantize",
        multiple=True,
        metavar="NAMES",
        shell_complete=completing(_quantizations),
        help="Variants with fewer bits, of formats that have such: none, float16, dynamic, int8, int16x8; several "
        "comma by comma.  [default: none]",
    )(command)


def variants_asked_for(quantize: tuple[str, ...]) -> list[str]:
    """Return the variants of ``--quantize``, the format as it is where none is named."""
    from derm_cli.workflows.exporting.variants import NO_VARIANT

    return comma_separated(quantize) or [NO_VARIANT]


class FormatsCommand(click.Command):
    """Has a flag for each exporter that a plugin adds, behind its first parameter."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the flags of exporters."""
        own = super().get_params(ctx)
        return [*own[:1], *self.flags(ctx), *own[1:]]

    def flags(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the flags that plugins add."""
        return [
            click.Option([f"--{name}", _flag_of(name)], is_flag=True, help=f"Write {spec.title} ({spec.suffix}).")
            for name, spec in session(ctx).registry.all(ExporterSpec).items()
        ]


def formats_asked_for(ctx: click.Context, flags: Mapping[str, Any]) -> list[str]:
    """Return the exporters whose flags were given."""
    return [name for name in session(ctx).registry.all(ExporterSpec) if flags[_flag_of(name)]]


def require_formats(ctx: click.Context, formats: list[str]) -> None:
    """Raise RequestError where no format is asked for."""
    if not formats:
        known = ", ".join(f"--{name}" for name in session(ctx).registry.all(ExporterSpec))
        raise RequestError(f"No format is asked for: give one or more of {known}.")
