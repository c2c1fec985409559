"""The options that schedules have of their own, in the help of ``derm train``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.plugin import ScheduleSpec
from derm_cli.plugin.options import shown


class TrainCommand(click.Command):
    """Tells of the options that schedules of plugins have of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's options, and those of schedules."""
        super().format_options(ctx, formatter)
        rows = [
            (f"{name}:{option.name}=VALUE", f"{option.title}, {option.wanted}.  [default: {shown(option.default)}]")
            for name, spec in session(ctx).registry.all(ScheduleSpec).items()
            for option in spec.options
        ]
        if rows:
            with formatter.section("Options of --schedule"):
                formatter.write_dl(rows)
