"""``derm data``: a module a command."""

from __future__ import annotations

import click

from derm_cli.cli.data import check, download, ingest, show, template
from derm_cli.cli.data import list as list_
from derm_cli.cli.shared.options import ListingGroup


@click.group("data", cls=ListingGroup)
def command() -> None:
    """Get, list, check, show and ingest datasets."""


for each in (check, download, ingest, list_, show, template):
    command.add_command(each.command)
