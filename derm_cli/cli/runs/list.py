"""``derm runs list``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import percent_cell, print_listing
from derm_cli.errors import one_line


@click.command("list")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the runs, the oldest first; * marks the chosen one."""
    from derm_cli.workflows.runs.list import list_runs

    here = session(ctx)
    lines = list_runs(here)
    rows = [
        [
            "*" if line["chosen"] else "",
            line["id"],
            f"{line['status']} (synthetic)" if line.get("synthetic") else line["status"],
            line.get("backbone"),
            line.get("chain"),
            line.get("strategy"),
            f"{line['stages_from_store']} of {line['stages']}" if line.get("stages_from_store") else "",
            percent_cell(line.get("balanced_accuracy")) if line.get("tested", True) else "no test",
            percent_cell(line.get("macro_f1")),
        ]
        for line in lines
    ]
    headers = ["", "run", "status", "backbone", "chain", "strategy", "from store", "balanced acc. %", "macro F1 %"]
    print_listing(
        as_json,
        headers,
        rows,
        lines,
        f"There are no runs in '{one_line(str(here.settings.runs.value))}': 'derm train' makes one.",
        whole=("run",),
        spare=("from store", "strategy", "macro F1 %"),
    )
