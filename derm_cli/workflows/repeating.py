"""Repeating a finished run from its folder: ``derm train --repeat``."""

from __future__ import annotations

from dataclasses import dataclass

from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.request import TrainRequest
from derm_cli.workflows.session import Session
from derm_cli.workflows.train import train


@dataclass(frozen=True)
class Repetition:
    """A run, the run that repeats it, and the parts in which they differ (data, split, predictions), if any."""

    run: RunFolder
    repeated: RunFolder
    differences: tuple[str, ...]


def repeat(session: Session, run: RunFolder) -> Repetition:
    """Train again as ``run`` was asked for, and tell what came out otherwise.

    On the same machine, with the same versions and data, nothing does.
    """
    repeated = train(session, TrainRequest.from_json(run.record["request"]))
    first, second = run.record, repeated.record
    found = [
        part
        for part, same in (
            ("environment", first["environment"] == second["environment"]),
            ("data", first["data"] == second["data"]),
            ("split", first["files"].get(names.SPLIT) == second["files"].get(names.SPLIT)),
            ("predictions", first["files"].get(names.PREDICTIONS) == second["files"].get(names.PREDICTIONS)),
        )
        if not same
    ]
    return Repetition(run, repeated, tuple(found))
