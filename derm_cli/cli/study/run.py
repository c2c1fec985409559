"""``derm study run``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.study.asked_for import (
    ExecutorCommand,
    capacity_asked_for,
    executor_flags,
    executor_given,
    own_options,
    study_asked_for,
    study_options,
)
from derm_cli.cli.study.live import carried_out


@click.command("run", cls=ExecutorCommand)
@study_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    executor: str,
    workers: int | None,
    cores: int | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Train every row of a study, stages that rows share once.

    STUDY is a TOML file, or a built-in study: paper-table-3, paper-table-4 or recipes.  What is finished, on the data
    and by the versions of today, stays: the same command goes on where it was stopped, as 'derm study resume' does.

    \b
    derm study run backbones.toml
    derm study run paper-table-4 --target my-clinic --set folds=5
    """  # noqa: D301 - Click wants the character itself
    from derm_cli.studies.studying import begin

    here = session(ctx)
    flags = executor_flags(asked)
    capacity = capacity_asked_for(ctx, executor, workers, cores, flags)
    spec, options = study_asked_for(ctx, **asked)
    folder = begin(here, spec, options, executor_given(ctx, executor), capacity)
    carried_out(ctx, folder, as_json, own_options(folder.record.executor, executor, capacity))
