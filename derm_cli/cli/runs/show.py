"""``derm runs show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option, run_argument
from derm_cli.cli.shared.printing import echo, echo_json, print_run_summary

if TYPE_CHECKING:
    from derm_cli.runs.record import StageOrigin


@click.command("show")
@run_argument
@json_option
@click.pass_context
def command(ctx: click.Context, run: str, as_json: bool) -> None:
    """Show all that is known of a run."""
    from derm_cli.workflows.runs.show import show_run

    folder = session(ctx).runs.find(run)
    facts = show_run(folder)
    if as_json:
        echo_json(facts)
        return
    record = folder.record
    rows = [
        [key, _text(facts.get(key))]
        for key in ("id", "path", "status", "reason", "started", "ended", "seconds_training")
    ]
    rows += [[key, _text(value)] for key, value in record.request.items()]
    rows += [[f"member {number}", member.run] for number, member in enumerate(record.members, start=1)]
    rows += [[f"split of {name}", _text(counts)] for name, counts in facts.get("splits", {}).items()]
    rows += [[key, _text(facts.get(key))] for key in ("environment", "elsewhere", "synthetic", "seconds", "precision")]
    rows += [[f"artefact {name}", artefact.path] for name, artefact in record.artefacts.items()]
    echo(console.table(["what", "value"], [row for row in rows if row[1] not in (None, "")]))
    if record.stages:
        echo("")
        echo(console.table(["stage", "came from"], [[stage.name, _origin(stage)] for stage in record.stages]))
    if folder.finished:
        echo("")
        print_run_summary(folder, f"Test photographs of {folder.plan.target}")


def _origin(stage: StageOrigin) -> str:
    return f"the stage store: run {stage.run} trained it" if stage.is_from_store else "trained"


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value
