"""``derm runs choose``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import run_argument
from derm_cli.cli.shared.printing import echo
from derm_cli.invocation import pasteable
from derm_cli.workflows.runs.choose import choose


@click.command("choose")
@run_argument
@click.pass_context
def command(ctx: click.Context, run: str) -> None:
    """Make a run the one that other commands take by default."""
    folder = choose(session(ctx), run)
    echo(pasteable(f"Run {folder.id} is chosen: 'derm evaluate', 'derm export' take it by default."))
