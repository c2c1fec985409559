"""What hooks are told of a run that is finished."""

from __future__ import annotations

from derm_cli.plugin import RunFacts
from derm_cli.runs.folder import RunFolder


def facts_of_run(run: RunFolder) -> RunFacts:
    """Return what hooks are told of a run: its id, folder and plan, and whether photographs were synthetic."""
    return RunFacts(id=run.id, folder=run.path, plan=run.plan, synthetic=run.record.synthetic)
