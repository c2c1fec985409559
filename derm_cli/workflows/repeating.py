"""Repeating a finished run from its folder: ``derm train --repeat``."""

from __future__ import annotations

from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.comparing import Comparison, compare
from derm_cli.workflows.request import TrainRequest
from derm_cli.workflows.session import Session
from derm_cli.workflows.train import train


def repeat(session: Session, run: RunFolder) -> Comparison:
    """Train again as ``run`` was asked for, and compare what came out with it: the new run is the second.

    On the same machine, with the same versions and data, nothing differs.
    """
    return compare(run, train(session, TrainRequest.from_json(run.record["request"]), use_store=False))
