"""``derm runs interrupt``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import run_argument
from derm_cli.cli.shared.printing import confirm, echo
from derm_cli.invocation import pasteable


@click.command("interrupt")
@run_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, run: str, yes: bool) -> None:
    """Say that a run's process is dead, so that the run can be resumed or removed.

    Derm sees by itself that a process of this machine is gone, and takes one of another machine for dead five minutes
    after its last sign of life.
    """
    from derm_cli.workflows.runs.interrupt import interrupt, require_interruptible

    folder = session(ctx).runs.find(run)
    require_interruptible(folder)
    if not yes:
        confirm(f"Is the process dead that trains run {folder.id} ({folder.record.process})?", abort=True)
    interrupt(folder)
    echo(pasteable(f"Run {folder.id} is interrupted: go on with 'derm train --resume {folder.argument}'."))
