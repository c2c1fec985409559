"""Recording a stage while it trains: the run's history, its checkpoints, and the hooks of its epochs.

It needs a training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import asdict
from typing import Any

from derm_cli.csv_cells import write_frame
from derm_cli.engine import stepping
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.clock import WRITING_CHECKPOINTS
from derm_cli.engine.network import network_variables
from derm_cli.engine.position import Position
from derm_cli.engine.trainer import EpochResult, StageTrainer
from derm_cli.files import whole
from derm_cli.plugin import EpochReport
from derm_cli.runs import layout
from derm_cli.workflows.training.job import TrainingJob


class Recorder:
    """A trainer's callback that writes history and checkpoints into the run's folder, and calls the epoch's hook."""

    def __init__(self, job: TrainingJob, stage_index: int, trainer: StageTrainer, checkpoints: Checkpoints) -> None:
        self.job, self.stage_index, self.trainer, self.checkpoints = job, stage_index, trainer, checkpoints

    def epoch_ended(self, result: EpochResult, position: Position) -> None:
        """Write an epoch's row of history, call the hook, record what plugins end, and checkpoint where one is due.

        Who goes on from a checkpoint does not ask once more of the epochs before it: so they were asked of first.
        """
        report = self._report(result)
        self.job.history.append(vars(report))
        write_history(self.job)
        left = self.job.forecast.seconds_left()
        self.job.take_requests(self.job.call_hook("derm_epoch_ended", epoch=report, seconds_left=left), position)
        self.position_reached(position)

    def position_reached(self, position: Position) -> None:
        """Write a checkpoint where one is due, or where a signal ends the training: then raise Stopped."""
        self._save_where_due(position)
        self.job.stopping.raise_noted()

    def is_ended(self, phase: int, epoch: int) -> bool:
        """Tell whether a plugin has a phase of the stage end before this epoch, both counted from 0."""
        return self.job.stops.is_ended(self.stage_index, phase, epoch)

    def stage_finished(self) -> None:
        """Write a checkpoint of the finished stage."""
        self._save(Position(stage=self.stage_index + 1), network_variables(self.trainer.network))

    def _save_where_due(self, position: Position) -> None:
        if self.checkpoints.due or self.job.stopping.noted is not None:
            self._save(position, self.trainer.variables())

    def _save(self, position: Position, variables: list[Any]) -> None:
        job = self.job
        job.run.require_own()
        with job.clock(WRITING_CHECKPOINTS):
            notes = {"history": job.history, "stages": job.stages, "seconds": job.clock.seconds}
            self.checkpoints.save(position, variables, notes | {"trainer": self.trainer.notes()})

    def _report(self, result: EpochResult) -> EpochReport:
        stage = self.job.plan.stages[self.stage_index]
        phase, validation = stage.phases[result.phase], result.validation
        values = {name: value for name, value in asdict(result).items() if name != "validation"}
        return EpochReport(
            **values | {"seconds": round(result.seconds, 3), "images_per_second": round(result.images_per_second, 1)},
            stage=self.stage_index,
            stage_name=stage.name,
            phase_name=phase.name,
            epochs=phase.epochs,
            first=result.epoch == 0,
            validation_loss=validation.loss if validation else None,
            validation_balanced_accuracy=validation.balanced_accuracy if validation else None,
            memory_bytes=peak_memory_bytes(),
            device_memory_bytes=stepping.memory_peak(),
        )


def peak_memory_bytes() -> int:
    """Return the most memory that this process has taken so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def write_history(job: TrainingJob) -> None:
    """Write the job's history, a row for each epoch, into the run's folder."""
    import pandas as pd

    with whole(job.run / layout.HISTORY) as temporary:
        write_frame(pd.DataFrame(job.history), temporary)
