"""``derm study list``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import print_listing
from derm_cli.errors import one_line


@click.command("list")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the studies."""
    from derm_cli.studies.studying import list_studies

    here = session(ctx)
    lines = list_studies(here)
    rows = [
        [
            line["study"],
            "running" if line.get("running") else "",
            line.get("rows", ""),
            line.get("runs", ""),
            line.get("finished", 0),
            line.get("failed", 0),
            line.get("fault") or line.get("title", ""),
        ]
        for line in lines
    ]
    print_listing(
        as_json,
        ["study", "", "rows", "trainings", "finished", "failed", "title"],
        rows,
        lines,
        f"There are no studies in '{one_line(str(here.settings.runs.value))}': 'derm study run' makes one.",
    )
