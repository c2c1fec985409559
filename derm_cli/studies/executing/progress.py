"""How far a training is, written as it goes on into the folder of the study that it is of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from derm_cli.plugin import EpochReport, RunFacts, StageFacts, hookimpl
from derm_cli.studies.executing.assignment import Progress


class ProgressWriter:
    """A plugin of this process alone that writes into ``folder`` how far the unit of work ``key`` is.

    ``until`` is the index of the last stage that is trained, None for a whole training; ``begun`` is called with the
    id of the run as soon as there is one.
    """

    def __init__(
        self, folder: Path, key: str, until: int | None = None, begun: Callable[[str], None] = lambda _: None
    ) -> None:
        self._folder, self._key, self._until, self._begun = folder, key, until, begun
        self.run, self._epochs, self._before, self._stage, self._trained = "", 0, 0, "", 0

    @hookimpl
    def derm_run_started(self, run: RunFacts) -> None:
        """Note the run, and how many epochs it has."""
        stages = run.plan.stages if self._until is None else run.plan.stages[: self._until + 1]
        self._epochs = sum(phase.epochs for stage in stages for phase in stage.phases)
        # A beginning is trained in a folder that is no run.
        self.run = run.id if self._until is None else ""
        self._begun(self.run)
        self._tell(0)

    @hookimpl
    def derm_stage_started(self, run: RunFacts, stage: StageFacts) -> None:
        """Note the stage."""
        earlier = run.plan.stages[: stage.index]
        self._before = sum(phase.epochs for each in earlier for phase in each.phases)
        self._stage = stage.stage.name
        self._tell(self._before)

    @hookimpl
    def derm_epoch_ended(self, run: RunFacts, epoch: EpochReport) -> None:
        """Note the epoch."""
        self._trained += 1
        phases = run.plan.stages[epoch.stage].phases[: epoch.phase]
        self._tell(self._before + sum(phase.epochs for phase in phases) + epoch.epoch + 1)

    def _tell(self, done: int) -> None:
        Progress(self.run, self._stage, done, self._epochs, self._trained).write(self._folder, self._key)
