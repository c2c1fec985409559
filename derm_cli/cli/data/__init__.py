"""``derm data``: a module a command."""

from __future__ import annotations

import click

from derm_cli.cli.data import check, ingest, listing
from derm_cli.cli.options import ListingGroup


@click.group("data", cls=ListingGroup)
def command() -> None:
    """List, check and ingest datasets."""


for each in (check, ingest, listing):
    command.add_command(each.command)
