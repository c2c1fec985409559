"""What trainings take of time and disk, by those of the runs folder that were measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from derm_cli.csv_cells import read_rows
from derm_cli.errors import DermError
from derm_cli.plan import Plan
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder

MOST_RUNS = 50
"""The latest finished runs that are looked at: older ones tell of older versions."""


@dataclass(frozen=True)
class MeasuredRun:
    """A finished run: what it trained with, seconds of epochs and photographs shown, and all else.

    ``beside`` are the seconds from its beginning to its end that were no epoch's; ``bytes`` is its folder's size.
    """

    backbone: str
    size: int
    schedule: str
    seconds: float
    images: int
    beside: float
    bytes: int


@dataclass(frozen=True)
class TrainingEstimate:
    """Seconds and bytes of a training; None where no run tells."""

    seconds: float | None
    bytes: int | None


@dataclass
class Measurements:
    """Runs that were measured, and what others are expected to take by them."""

    runs: list[MeasuredRun] = field(default_factory=list)

    @classmethod
    def of(cls, runs: Iterable[RunFolder]) -> Measurements:
        """Return what the latest finished of ``runs`` took, the oldest first; one that cannot be read is left out."""
        found: list[MeasuredRun] = []
        for run in reversed(list(runs)):
            if len(found) == MOST_RUNS:
                break
            try:
                measured = _measured(run)
            except (DermError, OSError, KeyError, ValueError):
                continue
            found += [measured] if measured else []
        return cls(found)

    def training(self, plan: Plan, schedule: str, images: int) -> TrainingEstimate:
        """Return what a training of ``plan`` by ``schedule`` takes that shows ``images`` photographs.

        It is taken from the nearest runs: of the same backbone, size and schedule, else the same backbone and size,
        else the same backbone, where a photograph's cost goes by its area.
        """
        near = self._nearest(plan, schedule)
        if not near:
            return TrainingEstimate(None, None)
        seconds, shown = sum(each.seconds * _area(plan, each) for each in near), sum(each.images for each in near)
        beside = median(each.beside for each in near)
        return TrainingEstimate(beside + images * seconds / shown, int(median(each.bytes for each in near)))

    def stages(self, plan: Plan, schedule: str, images: int) -> float | None:
        """Return the seconds of training stages alone that show ``images`` photographs; None where no run tells."""
        near = self._nearest(plan, schedule)
        if not near:
            return None
        return images * sum(each.seconds * _area(plan, each) for each in near) / sum(each.images for each in near)

    def _nearest(self, plan: Plan, schedule: str) -> list[MeasuredRun]:
        same = [each for each in self.runs if each.backbone == plan.backbone]
        of_size = [each for each in same if each.size == plan.preprocessing.size]
        return [each for each in of_size if each.schedule == schedule] or of_size or same


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
    return MeasuredRun(
        plan.backbone, plan.preprocessing.size, schedule, seconds, images, max(whole - seconds, 0.0), size
    )
