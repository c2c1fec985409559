"""A line for each epoch, with the time left in its stage."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import EpochReport, RunFacts, StageFacts


class Pace:
    """Tells how long a stage will still take, from the images that are left and the images of the last epoch.

    Each phase unfreezes more than the one before, so the true time left is somewhat longer than what is told.
    """

    def __init__(self) -> None:
        self.epochs_left = 0

    def begin(self, stage: StageFacts) -> None:
        """Count the epochs of a stage that begins."""
        self.epochs_left = sum(phase.epochs for phase in stage.stage.phases)

    def left(self, epoch: EpochReport) -> float:
        """Return the seconds left in the stage, about."""
        self.epochs_left -= 1
        return self.epochs_left * epoch.seconds


_pace = Pace()


@hookimpl
def derm_stage_started(run: RunFacts, stage: StageFacts) -> None:
    """Say what the stage trains on."""
    _pace.begin(stage)
    made = " (synthetic photographs)" if run.synthetic else ""
    _say(
        f"Stage {stage.index + 1} of {len(run.plan.stages)}: {stage.stage.name}{made}, "
        f"{sum(stage.photographs.values())} photographs in {len(stage.photographs)} classes, "
        f"{_counted(stage.steps, 'step')} an epoch, "
        f"{_counted(len(stage.stage.phases), 'phase')}"
    )


@hookimpl
def derm_epoch_ended(run: RunFacts, epoch: EpochReport) -> None:
    """Say how the epoch went."""
    phases = len(run.plan.stages[epoch.stage].phases)
    _say(
        f"  phase {epoch.phase + 1}/{phases} {epoch.phase_name:<14} epoch {epoch.epoch + 1}/{epoch.epochs}  "
        f"loss {epoch.loss:.3f}  accuracy {epoch.accuracy:5.1%}  {epoch.images / epoch.seconds:5.0f} images/s  "
        f"{_clock(epoch.seconds)}, {_clock(_pace.left(epoch))} left in the stage"
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
