"""``derm study remove``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.printing import confirm, echo
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.errors import one_line


@click.command("remove")
@study_name_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, name: str, yes: bool) -> None:
    """Delete a study's folder; the runs that it trained stay."""
    from derm_cli.studies.storage.folder import Studies

    studies = Studies(session(ctx).runs.root)
    folder = studies.find(name)
    if not yes:
        confirm(f"Delete '{one_line(str(folder.path))}', but none of its runs?", abort=True)
    studies.remove(folder)
    echo(f"Study {folder.name} is removed; its runs stay.")
