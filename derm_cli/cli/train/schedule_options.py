"""The options that schedules and steps of preprocessing have of their own, in the help of ``derm train``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.plugin import PreprocessingStepSpec, ScheduleSpec
from derm_cli.plugin.options import shown


class TrainCommand(click.Command):
    """Tells of the options that schedules and steps of plugins have of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's options, those of schedules, and the steps that there are with theirs."""
        super().format_options(ctx, formatter)
        registry = session(ctx).registry
        for title, kind in (("--schedule", ScheduleSpec), ("--preprocess", PreprocessingStepSpec)):
            rows = [
                (f"{name}:{option.name}=VALUE", f"{option.title}, {option.wanted}.  [default: {shown(option.default)}]")
                for name, spec in registry.all(kind).items()
                for option in spec.options
            ]
            if rows:
                with formatter.section(f"Options of {title}"):
                    formatter.write_dl(rows)
