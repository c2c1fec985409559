"""Exporters."""

from __future__ import annotations

from derm_cli.markdown import markdown_table
from derm_cli.plugin import FLOAT_INPUT, ExporterSpec, ExporterVariant
from generated.builtin import registry


def exporter_table() -> str:
    """Return a line for each built-in exporter."""
    rows = [
        [f"`--{spec.name}`", spec.title, f"`model{spec.suffix}`", f"{spec.tolerance:g}"]
        for spec in registry().all(ExporterSpec).values()
    ]
    return markdown_table(["option", "format", "file", "largest accepted difference of a probability"], rows)


def variant_table() -> str:
    """Return a line for each variant that takes uint8 photographs: those of float32 are the same otherwise."""
    rows = [
        [f"`--{spec.name} --quantize {each.name}`", each.title, f"`model-{each.name}{spec.suffix}`", _gate(each)]
        for spec in registry().all(ExporterSpec).values()
        for each in spec.variants
        if not each.name.endswith(FLOAT_INPUT)
    ]
    return markdown_table(["options", "what it has", "file", "accepted"], rows)


def _gate(variant: ExporterVariant) -> str:
    parts = []
    if variant.tolerance is not None:
        parts.append(f"a probability differs by {variant.tolerance:g} at most")
    if variant.agreement is not None:
        parts.append(f"{variant.agreement:.0%} of the answers are the run's")
    if variant.recall_loss is not None:
        parts.append(f"no class is recognised in more than {variant.recall_loss:.0%} fewer of its photographs")
    return ", ".join(parts)
