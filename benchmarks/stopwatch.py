"""A plugin of derm that keeps a timeline of ``derm train``, so that the command itself is what is measured."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

from benchmarks.timeline import Epoch, Timeline
from derm_cli.plugin import EpochReport, RunFacts, StageFacts, hookimpl

NAME = "stopwatch"
MODULE = __name__
_TIMELINE = Timeline()


@hookimpl
def derm_stage_started(run: RunFacts, stage: StageFacts) -> None:  # noqa: ARG001
    """Note when the first stage that is trained begins, and look out for its first step."""
    if stage.stored_by is None and _TIMELINE.stage_began is None:
        _TIMELINE.stage_began = time.monotonic()
        _time_first_step()


def _time_first_step() -> None:
    """Time the first step of the next stepper that the engine makes; later ones, and later steps, are left alone."""
    program: Any = import_module("derm_cli.engine.program")
    make_stepper = program.make_stepper

    def timed_stepper(*arguments: Any) -> Any:
        program.make_stepper = make_stepper
        stepper = make_stepper(*arguments)
        step = stepper.step

        def first_step(*batch: Any) -> Any:
            stepper.step = step
            losses = step(*batch)
            float(losses[0])  # only when its loss is there is a step over
            _TIMELINE.stepped()
            return losses

        stepper.step = first_step
        return stepper

    program.make_stepper = timed_stepper


@hookimpl
def derm_epoch_ended(run: RunFacts, epoch: EpochReport) -> None:  # noqa: ARG001
    """Note an epoch."""
    _TIMELINE.epochs.append(Epoch(epoch.phase, epoch.phase_name, epoch.images, time.monotonic()))


@hookimpl
def derm_run_finished(run: RunFacts, evaluation: dict[str, Any]) -> None:  # noqa: ARG001
    """Write the timeline."""
    _TIMELINE.write()
