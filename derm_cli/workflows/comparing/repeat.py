"""Repeating a finished run from its folder: ``derm train --repeat``."""

from __future__ import annotations

from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_trained
from derm_cli.workflows.comparing.exact import RunComparison, compare_runs
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import train


def repeat(session: Session, run: RunFolder) -> RunComparison:
    """Train again as ``run`` was asked for, and compare what came out with it: the new run is the second.

    It has the split of ``run``, whatever was split since, here or elsewhere; photographs that ``run`` did not have are
    left out.  On the same machine, with the same versions and data, nothing differs.
    """
    require_trained(run)
    request = TrainRequest.from_json(run.record.request)
    return compare_runs(run, train(session, request, use_store=False, split_of=run))
