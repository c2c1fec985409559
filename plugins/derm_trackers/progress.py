"""A line for each stage and epoch, with the time left: in the run's ``log``, and on a terminal where there is one."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from derm_cli.plugin import clock, counted, hookimpl, one_line, terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derm_cli.plugin import EpochReport, RunFacts, StageFacts

LOG = "log"
SHORTEST_NAME = 8
"""Characters of a phase's name that a narrow terminal shows at least."""


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
        _write(run, f"{heading}, from the stage store: run {stage.stored_by} trained it")
        return
    _write(
        run,
        f"{heading}, "
        f"{sum(stage.photographs.values())} photographs in {len(stage.photographs)} classes, "
        f"{counted(stage.steps, 'step')} an epoch, "
        f"{counted(len(stage.stage.phases), 'phase')}",
    )


@hookimpl
def derm_epoch_ended(run: RunFacts, epoch: EpochReport, seconds_left: float | None) -> None:
    """Say how the epoch went, and how long the run will yet take."""
    phases = run.plan.stages[epoch.stage].phases
    number = f"phase {epoch.phase + 1}/{len(phases)}"
    name = f"{one_line(epoch.phase_name):<{min(max(len(each.name) for each in phases), 24)}}"
    left = "" if seconds_left is None else f"  {clock(seconds_left)} left"
    speed = epoch.images_per_second or epoch.images / epoch.seconds
    accuracy = epoch.validation_balanced_accuracy
    judged = "" if accuracy is None else f"  validation {accuracy:5.1%}"
    # What a narrow terminal has no room for goes, that of the highest number first; 0 stays.
    parts = [
        (0, f"  {number} {name}"),
        (0, f"  epoch {epoch.epoch + 1}/{epoch.epochs}"),
        (0, f"  loss {epoch.loss:.3f}"),
        (2, f"  accuracy {epoch.accuracy:5.1%}"),
        (0, judged),
        (4, " balanced" if judged else ""),
        (3, f"  {speed:5.0f} images/s"),
        (1, f"  {clock(epoch.seconds)}"),
        (0, left),
    ]
    _write(run, _joined(parts), _fitting(parts, terminal_width()))


def _joined(parts: Sequence[tuple[int, str]]) -> str:
    return "".join(text for _, text in parts)


def _fitting(parts: Sequence[tuple[int, str]], width: int) -> str:
    """Return the parts in one line of at most ``width`` characters, without those that go first; 0 stays."""
    for kept in (4, 3, 2, 1, 0):
        line = _joined([(order, text) for order, text in parts if order <= kept])
        if len(line) <= width:
            return line
    too_long = len(line) - width
    (order, first), *others = parts
    shorter = first.rstrip()[: max(len(first.rstrip()) - too_long, len("  phase 1/1 ") + SHORTEST_NAME)]
    return _joined([(order, shorter), *(each for each in others if each[0] == 0)])


def _write(run: RunFacts, line: str, shown: str | None = None) -> None:
    """Append a line to the log, which a run that is gone on with goes on with too; show it on a terminal.

    There it is ``shown``, or the line itself over as many as it takes.  Names of stages and phases may be anything:
    what is not to be printed is escaped.
    """
    line = one_line(line)
    with (run.folder / LOG).open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    if sys.stderr is not None and sys.stderr.isatty():
        told = textwrap.fill(line, terminal_width(), subsequent_indent="  ") if shown is None else one_line(shown)
        print(told, file=sys.stderr, flush=True)
