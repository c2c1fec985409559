"""``derm study resume``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.study.asked_for import ExecutorCommand, executor_options, study_name_argument
from derm_cli.cli.study.live import carried_out


@click.command("resume", cls=ExecutorCommand)
@study_name_argument
@json_option
@click.pass_context
def command(ctx: click.Context, /, name: str, as_json: bool, **flags: Any) -> None:
    """Go on with a study that was interrupted, or some of whose trainings failed."""
    from derm_cli.studies.storage.folder import Studies

    folder = Studies(session(ctx).runs.root).find(name)
    carried_out(ctx, folder, as_json, executor_options(ctx, folder.record.executor, flags))
