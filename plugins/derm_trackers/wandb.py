"""Runs for Weights & Biases, written offline into the run's folder where ``DERM_WANDB=1`` asks for them.

Nothing leaves the machine: ``wandb sync`` sends a folder to a server when somebody says so.  Each process that trains
writes a folder of its own, which begins with the epochs that the run has already: so the last one has the whole curve.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from derm_cli.plugin import hookimpl
from derm_trackers.asking import imported, is_asked
from derm_trackers.evaluations import test_metrics
from derm_trackers.history import numbers, read_epochs, timed

if TYPE_CHECKING:
    from derm_cli.plugin import RunFacts

VARIABLE, EXTRA = "DERM_WANDB", "wandb"
FOLDER, PROJECT = "wandb", "derm"
_opened: dict[str, tuple[Any, int]] = {}
"""Of each run that this process trains: what wandb writes it by, and how many epochs it has."""


@hookimpl
def derm_run_started(run: RunFacts) -> None:
    """Begin a folder of this process.

    Raises DermError where the variable has another value than 0 or 1, or where wandb is not installed.
    """
    if not is_asked(VARIABLE, "files for Weights & Biases"):
        return
    # wandb reports its own errors to its makers.
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    wandb = imported("wandb", "wandb", EXTRA, VARIABLE)
    number = len(list((run.folder / FOLDER).glob("offline-run-*"))) + 1
    opened = wandb.init(
        mode="offline",
        reinit="create_new",
        dir=str(run.folder),
        project=os.environ.get("WANDB_PROJECT") or PROJECT,
        id=f"{run.id}-{number}",
        name=run.id,
        group=run.id,
        config=run.plan.to_json() | {"synthetic": run.synthetic},
        # Neither what is printed, nor the machine, nor code around it, is anybody's but the user's.
        settings=wandb.Settings(
            console="off",
            silent=True,
            disable_git=True,
            disable_code=True,
            save_code=False,
            x_disable_meta=True,
            x_disable_stats=True,
            x_save_requirements=False,
        ),
    )
    _opened[run.id] = (opened, 0)


@hookimpl
def derm_epoch_ended(run: RunFacts) -> None:
    """Log the epoch, and before the first of this process all epochs before."""
    if run.id not in _opened:
        return
    opened, done = _opened[run.id]
    epochs = read_epochs(run)
    for step, ended, epoch in timed(epochs):
        if step > done:
            opened.log(numbers(epoch) | {"_timestamp": ended}, step=step)
    _opened[run.id] = (opened, len(epochs))


@hookimpl
def derm_run_finished(run: RunFacts, evaluation: dict[str, Any]) -> None:
    """Add the metrics on the test part, and close the folder."""
    if run.id in _opened:
        opened, _ = _opened.pop(run.id)
        opened.summary.update(test_metrics(evaluation))
        opened.finish()
        # It writes its logs on, while the run is sealed.
        for log in (run.folder / FOLDER).rglob("debug*.log"):
            log.unlink(missing_ok=True)
