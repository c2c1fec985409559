"""A person's word that the process of a run is dead: ``derm runs interrupt``."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder, now
from derm_cli.runs.lease import lease_held
from derm_cli.runs.record import INTERRUPTED, RUNNING

REASON = "its process was said to be dead"


def interrupt(run: RunFolder) -> None:
    """Record that ``run`` is interrupted, so that it can be resumed or removed.

    Raises DermError where :func:`require_interruptible` does, and where a process holds the run's lock.
    """
    require_interruptible(run)
    with lease_held(run.path):
        run.write(replace(run.record, status=INTERRUPTED, reason=REASON, ended=now()))


def require_interruptible(run: RunFolder) -> None:
    """Raise DermError where ``run`` does not run, and where its process is of this machine and lives."""
    if run.status != RUNNING:
        raise DermError(f"Run '{run.id}' is {run.status}, not running: there is nothing to interrupt.")
    process = run.record.process
    if process is not None and not process.is_elsewhere:
        raise DermError(
            f"Run '{run.id}' is trained by {process}, which lives: end it with 'kill {process.pid}', and it leaves a "
            "checkpoint."
        )
