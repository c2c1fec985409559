"""Bundles: the manifest, the client, the gates and the runtimes."""

from __future__ import annotations

import json

from derm_cli.markdown import markdown_table


def manifest_table() -> str:
    """Return a line for each key of a manifest, as its schema describes it."""
    from mobile_export.bundle.schema import MANIFEST_SCHEMA

    properties = json.loads(MANIFEST_SCHEMA.read_text(encoding="utf-8"))["properties"]
    return markdown_table(["key", "what"], [[f"`{name}`", each["description"]] for name, each in properties.items()])


def client() -> str:
    """Return the reference client as a block of code."""
    from mobile_export.bundle.runtimes import CLIENT

    return f"```python\n{CLIENT.read_text(encoding='utf-8')}```"


def runtimes_table() -> str:
    """Return a line for each runtime in which a bundle is verified."""
    from mobile_export.bundle.runtimes import RUNTIMES

    rows = [
        [f"`{each.name}`", f"`{each.suffix}`", ", ".join(f"`{package}`" for package in each.packages) or "derm's own"]
        for each in RUNTIMES.values()
    ]
    return markdown_table(["runtime", "files", "environment"], rows)


def gates_table() -> str:
    """Return a line for each variant with what is accepted of it."""
    from mobile_export.bundle.gates import GATES

    rows = [
        [
            f"`{name}`" if name else "plain",
            f"{gate.tolerance:g}" if gate.tolerance is not None else "",
            "" if gate.tolerance is not None else f"{gate.agreement:.0%}",
            "" if gate.tolerance is not None else f"{100 * gate.recall:g} points",
        ]
        for name, gate in GATES.items()
    ]
    return markdown_table(
        ["variant", "largest difference of a probability", "same answer", "loss of a class's recall"], rows
    )
