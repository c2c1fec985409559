"""A plugin of derm that keeps a timeline of ``derm train``, so that the command itself is what is measured."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.timeline import Epoch, Timeline
from derm_cli.plugin import EpochReport, RunFacts, StageFacts, hookimpl

NAME = "stopwatch"
MODULE = __name__
_TIMELINE = Timeline()


@hookimpl
def derm_stage_started(run: RunFacts, stage: StageFacts) -> None:  # noqa: ARG001
    """Note when the stage begins, and look out for the first step that Keras ends."""
    import keras

    if _TIMELINE.stage_began is not None:
        return
    _TIMELINE.stage_began = time.monotonic()
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: _TIMELINE.stepped()  # noqa: ARG005
    )
    fit = keras.Model.fit

    def watched(model: keras.Model, *arguments: Any, callbacks: Any = (), **options: Any) -> Any:
        return fit(model, *arguments, callbacks=[*(callbacks or ()), watch], **options)

    keras.Model.fit = watched


@hookimpl
def derm_epoch_ended(run: RunFacts, epoch: EpochReport) -> None:  # noqa: ARG001
    """Note an epoch."""
    _TIMELINE.epochs.append(Epoch(epoch.phase, epoch.phase_name, epoch.images, epoch.seconds))


@hookimpl
def derm_run_finished(run: RunFacts, evaluation: dict[str, Any]) -> None:  # noqa: ARG001
    """Write the timeline."""
    _TIMELINE.write()
