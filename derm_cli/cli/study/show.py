"""``derm study show``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.cli.study.live import view_lines


@click.command("show")
@study_name_argument
@click.option("--trainings", "each_training", is_flag=True, help="A line for each seed and fold of a row.")
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, each_training: bool, as_json: bool) -> None:
    """Show how far a study is, also from another terminal than its own."""
    from derm_cli.studies.executing.watching import view_study
    from derm_cli.studies.storage.folder import Studies

    view = view_study(Studies(session(ctx).runs.root).find(name))
    if as_json:
        echo_json(view.to_json())
    else:
        echo("\n".join(view_lines(view, each_training=each_training)))
