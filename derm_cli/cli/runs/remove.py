"""``derm runs remove``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import run_argument
from derm_cli.cli.shared.printing import confirm, echo
from derm_cli.errors import one_line


@click.command("remove")
@run_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, run: str, yes: bool) -> None:
    """Delete a run's folder, with its model."""
    runs = session(ctx).runs
    folder = runs.find(run)
    if not yes:
        confirm(f"Delete '{one_line(str(folder.path))}' with all that is in it?", abort=True)
    runs.remove(folder)
    echo(f"Run {folder.id} is removed.")
