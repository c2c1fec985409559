"""What a unit of work takes, stage by stage, written as it goes on into the folder of the study that it is of."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType

from derm_cli.errors import DermError
from derm_cli.plugin import RunFacts, StageFacts, hookimpl
from derm_cli.studies.executing.assignment import StageCost, UnitCost
from derm_cli.studies.executing.energy import EnergyMeter


class CostWriter(AbstractContextManager["CostWriter"]):
    """A plugin of this process alone that measures in a ``with`` block what the unit of work ``key`` takes.

    What earlier processes of the unit took stays.  It is written at each epoch, so that of a process that is killed
    little is missing.
    """

    def __init__(self, folder: Path, key: str, meter: EnergyMeter | None = None) -> None:
        self._folder, self._key, self._meter = folder, key, meter or EnergyMeter.here()
        try:
            earlier = UnitCost.read(folder, key)
        except DermError:
            # What was spent before is unknown then; that is no reason not to train.
            earlier = None
        self._done = list(earlier.stages) if earlier else []
        self._run, self._stage, self._begun, self._joules = "", "", time.monotonic(), 0.0

    def __enter__(self) -> CostWriter:
        self._meter.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A disk that is full is told of by what is trained there.
        with suppress(OSError):
            self._end_stage()
        self._meter.__exit__(kind, error, trace)

    @hookimpl
    def derm_run_started(self, run: RunFacts) -> None:
        """Note the run."""
        self._run = run.id

    @hookimpl
    def derm_stage_started(self, stage: StageFacts) -> None:
        """End what came before, and begin a stage."""
        self._end_stage()
        self._stage = stage.stage.name

    @hookimpl
    def derm_epoch_ended(self) -> None:
        """Write what the stage has taken up to now."""
        self._write(self._so_far())

    def _so_far(self) -> StageCost:
        taken = self._meter.taken()
        self._joules += taken or 0.0
        joules = None if taken is None else round(self._joules, 1)
        seconds = round(time.monotonic() - self._begun, 1)
        return StageCost(self._run, self._stage, seconds, joules, self._meter.devices)

    def _end_stage(self) -> None:
        cost = self._so_far()
        # A run that was there already took nothing.
        if cost.run or cost.stage:
            self._done.append(cost)
            self._write()
        self._begun, self._joules = time.monotonic(), 0.0

    def _write(self, *unfinished: StageCost) -> None:
        UnitCost((*self._done, *unfinished)).write(self._folder, self._key)
