"""What trainings take of time and disk, by those of the runs folder that were measured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from statistics import median

from derm_cli.cores import usable_cores
from derm_cli.csv_cells import read_rows
from derm_cli.engine.backend import processor
from derm_cli.errors import DermError
from derm_cli.plan import Plan
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder

MOST_RUNS = 50
"""The latest finished runs that are looked at: older ones tell of older versions."""
_CORES = re.compile(r", \d+ cores$")
"""How a processor's name in a run's record ends."""


@dataclass(frozen=True)
class MeasuredRun:
    """A finished run: what it trained with, seconds of epochs and photographs shown, and all else.

    ``beside`` are the seconds from its beginning to its end that were no epoch's; ``bytes`` is its folder's size,
    ``machine`` what it was computed on, as run records have it: a GPU, or a processor and how many of its cores.
    """

    backbone: str
    size: int
    schedule: str
    seconds: float
    images: int
    beside: float
    bytes: int
    machine: str = ""


@dataclass(frozen=True)
class TrainingEstimate:
    """Seconds and bytes of a training; None where no run tells."""

    seconds: float | None
    bytes: int | None


@dataclass
class Measurements:
    """Runs that were measured, the latest first, and what a training with so many ``cores`` will take by them."""

    runs: list[MeasuredRun] = field(default_factory=list)
    cores: int | None = None

    @classmethod
    def of(cls, runs: Iterable[RunFolder], cores: int | None = None) -> Measurements:
        """Return what the latest finished of ``runs``, the oldest first, took; one that cannot be read is left out.

        ``cores`` are those that a training will have, by default those of this process.
        """
        found: list[MeasuredRun] = []
        for run in reversed(list(runs)):
            if len(found) == MOST_RUNS:
                break
            try:
                measured = _measured(run)
            except (DermError, OSError, KeyError, ValueError):
                continue
            found += [measured] if measured else []
        return cls(found, cores)

    def training(self, plan: Plan, schedule: str, images: int) -> TrainingEstimate:
        """Return what a training of ``plan`` by ``schedule`` takes that shows ``images`` photographs.

        It is taken from the :meth:`nearest` runs, where a photograph's cost goes by its area.
        """
        near = self.nearest(plan, schedule)
        if not near:
            return TrainingEstimate(None, None)
        seconds, shown = sum(each.seconds * _area(plan, each) for each in near), sum(each.images for each in near)
        beside = median(each.beside for each in near)
        return TrainingEstimate(beside + images * seconds / shown, int(median(each.bytes for each in near)))

    def stages(self, plan: Plan, schedule: str, images: int) -> float | None:
        """Return the seconds of training stages alone that show ``images`` photographs; None where no run tells."""
        near = self.nearest(plan, schedule)
        if not near:
            return None
        return images * sum(each.seconds * _area(plan, each) for each in near) / sum(each.images for each in near)

    def nearest(self, plan: Plan, schedule: str) -> list[MeasuredRun]:
        """Return the runs that tell most of a training of ``plan`` by ``schedule``.

        They are of the same backbone, size and schedule, else the same backbone and size, else the same backbone; of
        these, those that were computed on what it will be computed on, where there are any.
        """
        same = [each for each in self.runs if each.backbone == plan.backbone]
        of_size = [each for each in same if each.size == plan.preprocessing.size]
        near = [each for each in of_size if each.schedule == schedule] or of_size or same
        for machine in self._machines:
            if alike := [each for each in near if each.machine.endswith(machine)]:
                return alike
        return near

    @cached_property
    def _machines(self) -> list[str]:
        """Return how the machine of a training will be called, and how others end that are nearly the same."""
        latest = self.runs[0].machine if self.runs else ""
        if latest and not _CORES.search(latest):
            # Which GPU there is only a framework tells, which a plan does not start: the one of the latest run.
            return [latest]
        cores = f", {self.cores or usable_cores()} cores"
        return [processor() + cores, cores]


def _area(plan: Plan, of: MeasuredRun) -> float:
    return (plan.preprocessing.size / of.size) ** 2


def _measured(run: RunFolder) -> MeasuredRun | None:
    record = run.record
    # One whose stages came from the store has epochs in its history that it did not train.
    if not run.finished or record.members or not record.ended or not record.started:
        return None
    if any(stage.is_from_store for stage in record.stages):
        return None
    with (run / layout.HISTORY).open(encoding="utf-8", newline="") as file:
        rows = read_rows(file)
    seconds, images = sum(float(row["seconds"]) for row in rows), sum(int(row["images"]) for row in rows)
    if not images:
        return None
    plan = run.plan
    whole = (datetime.fromisoformat(record.ended) - datetime.fromisoformat(record.started)).total_seconds()
    size = sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())
    schedule = str(record.request.get("schedule", ""))
    beside, machine = max(whole - seconds, 0.0), str(record.environment.get("machine", ""))
    return MeasuredRun(plan.backbone, plan.preprocessing.size, schedule, seconds, images, beside, size, machine)
