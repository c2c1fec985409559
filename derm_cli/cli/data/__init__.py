"""``derm data``: a module a command."""

from __future__ import annotations

import click

from derm_cli.cli.data import check, download, ingest, listing, show, template
from derm_cli.cli.options import ListingGroup


@click.group("data", cls=ListingGroup)
def command() -> None:
    """Get, list, check, show and ingest datasets."""


for each in (check, download, ingest, listing, show, template):
    command.add_command(each.command)
