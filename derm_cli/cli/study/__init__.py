"""``derm study``: a module a command."""

from __future__ import annotations

import click

from derm_cli.cli.shared.options import ListingGroup
from derm_cli.cli.study import choose, export, plan, remove, report, resume, run, show
from derm_cli.cli.study import list as list_


@click.group("study", cls=ListingGroup)
def command() -> None:
    """Train a grid of models as one study, and report what it comes to."""


for each in (plan, run, resume, list_, show, report, export, choose, remove):
    command.add_command(each.command)
