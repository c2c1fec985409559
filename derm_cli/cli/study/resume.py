"""``derm study resume``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.cli.study.live import carried_out


@click.command("resume")
@study_name_argument
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Go on with a study that was interrupted, or some of whose trainings failed."""
    from derm_cli.study.storage.folder import Studies

    carried_out(ctx, Studies(session(ctx).runs.root).find(name), as_json)
