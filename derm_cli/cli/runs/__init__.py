"""``derm runs``: a module a command."""

from __future__ import annotations

import click

from derm_cli.cli.runs import choose, compare, ensemble, interrupt, remove, show
from derm_cli.cli.runs import list as list_
from derm_cli.cli.runs import open as open_
from derm_cli.cli.shared.options import ListingGroup


@click.group("runs", cls=ListingGroup)
def command() -> None:
    """List, show, open, compare, choose and remove runs."""


for each in (list_, show, open_, compare, ensemble, choose, interrupt, remove):
    command.add_command(each.command)
