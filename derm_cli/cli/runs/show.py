"""``derm runs show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.printing import echo, echo_json, echo_table, print_run_summary

if TYPE_CHECKING:
    from derm_cli.runs.record import ArtefactRecord, StageOrigin


@click.command("show")
@click.argument("run", required=False, shell_complete=completing(run_ids))
@json_option
@click.pass_context
def command(ctx: click.Context, run: str | None, as_json: bool) -> None:
    """Show all that is known of a run.

    RUN is an id, the beginning of one, a folder, or 'latest'; by default the chosen run, else the latest finished one.
    """
    from derm_cli.workflows.runs.show import show_run

    runs = session(ctx).runs
    folder = runs.find(run) if run else runs.default()
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
    rows += [[f"ended early by '{stop.plugin}'", stop.text] for stop in record.stops]
    rows += [[key, _text(facts.get(key))] for key in ("environment", "elsewhere", "synthetic", "seconds", "precision")]
    rows += [[f"artefact {name}", _artefact(artefact)] for name, artefact in record.artefacts.items()]
    echo_table(["what", "value"], [row for row in rows if row[1] not in (None, "")], whole=("what",))
    if record.stages:
        echo("")
        echo_table(["stage", "came from"], [[stage.name, _origin(stage)] for stage in record.stages])
    if folder.finished:
        echo("")
        print_run_summary(folder, f"Test photographs of {folder.plan.target}")


def _origin(stage: StageOrigin) -> str:
    return f"the stage store: run {stage.run} trained it" if stage.is_from_store else "trained"


def _artefact(artefact: ArtefactRecord) -> str:
    return f"{artefact.path} ({_text(artefact.options)})" if artefact.options else artefact.path


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value
