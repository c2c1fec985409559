"""A line for each stage and epoch, with the time left: in the run's ``log``, and on a terminal where there is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl, one_line

if TYPE_CHECKING:
    from derm_cli.plugin import EpochReport, RunFacts, StageFacts

LOG = "log"


@hookimpl
def derm_run_started(run: RunFacts) -> None:
    """Say where the log is."""
    if sys.stderr is not None and not sys.stderr.isatty():
        print(one_line(f"Run {run.id} has begun: follow it in {run.folder / LOG}"), file=sys.stderr, flush=True)


@hookimpl
def derm_stage_started(run: RunFacts, stage: StageFacts) -> None:
    """Say what the stage trains on."""
    synthetic = " (synthetic photographs)" if run.synthetic else ""
    heading = f"Stage {stage.index + 1} of {len(run.plan.stages)}: {stage.stage.name}{synthetic}"
    if stage.stored_by:
        _write_line(run, f"{heading}, from the stage store: run {stage.stored_by} trained it")
        return
    _write_line(
        run,
        f"{heading}, "
        f"{sum(stage.photographs.values())} photographs in {len(stage.photographs)} classes, "
        f"{_count_text(stage.steps, 'step')} an epoch, "
        f"{_count_text(len(stage.stage.phases), 'phase')}",
    )


@hookimpl
def derm_epoch_ended(run: RunFacts, epoch: EpochReport) -> None:
    """Say how the epoch went."""
    phases = len(run.plan.stages[epoch.stage].phases)
    _write_line(
        run,
        f"  phase {epoch.phase + 1}/{phases} {epoch.phase_name:<14} epoch {epoch.epoch + 1}/{epoch.epochs}  "
        f"loss {epoch.loss:.3f}  accuracy {epoch.accuracy:5.1%}  {_validation_text(epoch)}"
        f"{epoch.images_per_second or epoch.images / epoch.seconds:5.0f} images/s  "
        f"{_minutes_text(epoch.seconds)}, {_minutes_text(_seconds_left(run, epoch))} left in the stage",
    )


def _validation_text(epoch: EpochReport) -> str:
    accuracy = epoch.validation_balanced_accuracy
    return "" if accuracy is None else f"validation {accuracy:5.1%} balanced  "


def _seconds_left(run: RunFacts, epoch: EpochReport) -> float:
    """Return the seconds left in the stage, about: each phase unfreezes more than the one before, so it may be more."""
    later = run.plan.stages[epoch.stage].phases[epoch.phase + 1 :]
    return (epoch.epochs - epoch.epoch - 1 + sum(phase.epochs for phase in later)) * epoch.seconds


def _count_text(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _minutes_text(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _write_line(run: RunFacts, line: str) -> None:
    """Append to the log, which a run that is gone on with goes on with too; show it on a terminal.

    Names of stages and phases may be anything: what is not to be printed is escaped.
    """
    line = one_line(line)
    with (run.folder / LOG).open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    if sys.stderr is not None and sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
