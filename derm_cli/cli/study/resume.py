"""``derm study resume``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.study.asked_for import ExecutorCommand, capacity_options, executor_options, study_name_argument
from derm_cli.cli.study.live import carried_out


@click.command("resume", cls=ExecutorCommand)
@study_name_argument
@capacity_options
@json_option
@click.pass_context
def command(
    ctx: click.Context, /, name: str, workers: int | None, cores: int | None, as_json: bool, **flags: Any
) -> None:
    """Go on with a study that was interrupted, or some of whose trainings failed.

    What is finished, on the data and by the versions of today, stays.
    """
    from derm_cli.studies.storage.folder import Studies
    from derm_cli.studies.studying import change_capacity

    here = session(ctx)
    folder = Studies(here.runs.root).find(name)
    own = executor_options(ctx, folder.record.executor, flags)
    change_capacity(here, folder, workers, cores, own)
    carried_out(ctx, folder, as_json, own)
