"""``derm data list``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import print_listing


@click.command("list")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the datasets that a chain can name, and where derm looks for each."""
    from derm_cli.workflows.data.list import list_datasets

    located = list_datasets(session(ctx))
    values: list[dict[str, Any]] = [
        {
            "name": each.name,
            "title": each.spec.title,
            "reader": each.spec.name,
            "modality": each.spec.modality,
            "synthetic": each.spec.synthetic,
            "classes": [one.name for one in each.spec.classes],
            "licence": each.spec.licence,
            "path": str(each.root),
            "there": each.exists,
        }
        for each in located
    ]
    rows = [[v["name"], len(v["classes"]) or "", v["modality"], v["licence"], _location(v)] for v in values]
    print_listing(
        as_json,
        ["dataset", "classes", "modality", "licence", "place"],
        rows,
        values,
        "No plugin adds a dataset.",
        whole=("dataset",),
        spare=("licence",),
    )


def _location(value: dict[str, Any]) -> str:
    if value["synthetic"] and not value["there"]:
        return "drawn at first use"
    return value["path"] if value["there"] else f"not in {value['path']}"
