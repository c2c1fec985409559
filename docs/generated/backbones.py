"""Backbones: their blocks and weights."""

from __future__ import annotations

from derm_cli.markdown import markdown_table
from derm_cli.plugin import BackboneSpec
from generated.builtin import registry


def backbone_table() -> str:
    """Return a line for each built-in backbone."""
    rows = [
        [
            f"`{spec.name}`",
            spec.title,
            f"{spec.parameters:,}",
            spec.input_size,
            ", ".join(f"`{block.name}`" for block in spec.blocks),
        ]
        for spec in registry().all(BackboneSpec).values()
    ]
    return markdown_table(["name", "network", "parameters", "default side", "blocks, from the top"], rows)


def weight_table() -> str:
    """Return a line for each weight source of each built-in backbone."""
    rows = [
        [f"`{spec.name}`", f"`{source.name}`", f"`{source.file}`", source.licence, f"<{source.address}>"]
        for spec in registry().all(BackboneSpec).values()
        for source in spec.weights
    ]
    return markdown_table(["backbone", "name in a chain", "file", "licence", "address"], rows)


def block_table() -> str:
    """Return the layers of each block of each built-in backbone."""
    rows = [
        [f"`{spec.name}`", f"`{block.name}`", ", ".join(f"`{pattern}`" for pattern in block.layers)]
        for spec in registry().all(BackboneSpec).values()
        for block in spec.blocks
    ]
    return markdown_table(["backbone", "block", "layers"], rows)
