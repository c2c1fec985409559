"""Exporters."""

from __future__ import annotations

from derm_cli.plugin import ExporterSpec
from generated.builtin import registry
from generated.markdown import table


def exporter_table() -> str:
    """Return a line for each built-in exporter."""
    rows = [
        [f"`--{spec.name}`", spec.title, f"`model{spec.suffix}`", f"{spec.tolerance:g}"]
        for spec in registry().all(ExporterSpec).values()
    ]
    return table(["option", "format", "file", "largest accepted difference of a probability"], rows)
