"""How far a study is: each training with its stage, its progress and the time left, read from the study's folder."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from derm_cli.console import clock
from derm_cli.errors import DermError
from derm_cli.studies.executing.assignment import Progress
from derm_cli.studies.storage.folder import WORK, StudyFolder, as_left
from derm_cli.studies.storage.record import FINISHED, INTERRUPTED, RUNNING, WAITING, RunState, StudyRecord


@dataclass(frozen=True)
class TrainingView:
    """A training as a table shows it: ``progress`` is the share of its epochs that are done, ``left`` seconds to go.

    Both are None where nothing tells; ``run`` is the id of its run, '' where it has none yet; ``seconds`` are those
    that its process took, the last time that it ended.
    """

    key: str
    row: str
    seed: int
    fold: int
    status: str
    run: str
    stage: str
    progress: float | None
    left: float | None
    reason: str
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**vars(self), "fold": self.fold or None, "run": self.run or None, "reason": self.reason or None}


@dataclass(frozen=True)
class RowView:
    """A row as a table shows it: ``counts`` are its trainings by status, ``stages`` those that are trained now.

    ``progress`` is the share of its trainings that is done, begun ones with theirs; ``left`` are the seconds of one
    process until the row is finished, None where nothing tells or nobody is at it.
    """

    name: str
    counts: dict[str, int]
    stages: tuple[str, ...]
    progress: float
    left: float | None


@dataclass(frozen=True)
class StudyView:
    """A study as it stands: its trainings, and those shared beginnings, by key, that are trained at this moment.

    ``workers`` are the processes that carry it out at once.
    """

    name: str
    title: str
    trainings: tuple[TrainingView, ...]
    beginnings: dict[str, Progress]
    is_carried_out: bool
    workers: int = 1

    @cached_property
    def rows(self) -> tuple[RowView, ...]:
        """Return its rows, in their order."""
        found: dict[str, list[TrainingView]] = {}
        for each in self.trainings:
            found.setdefault(each.row, []).append(each)
        return tuple(self._row(name, trainings) for name, trainings in found.items())

    @cached_property
    def left(self) -> float | None:
        """Seconds until all is finished, by what finished trainings took.

        None before the first has finished, and where nobody carries the study out.
        """
        left = _sum_of([each.left for each in self.rows])
        return None if left is None else left / self.workers

    @cached_property
    def _seconds_of_any(self) -> float | None:
        """Seconds that a training took on average."""
        return _mean_seconds(self.trainings)

    def _row(self, name: str, trainings: list[TrainingView]) -> RowView:
        done = [each for each in trainings if each.status == FINISHED]
        # One that was interrupted is gone on with from its checkpoint.
        unfinished = [each for each in trainings if each.status in (WAITING, RUNNING, INTERRUPTED)]
        expected = _mean_seconds(trainings) or self._seconds_of_any
        return RowView(
            name,
            dict(Counter(each.status for each in trainings)),
            tuple(dict.fromkeys(each.stage for each in trainings if each.stage)),
            (len(done) + sum(each.progress or 0 for each in unfinished)) / len(trainings),
            _sum_of([_left_of(each, expected) for each in unfinished]) if self.is_carried_out else None,
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many trainings have each status."""
        return dict(Counter(each.status for each in self.trainings))

    @property
    def summary(self) -> str:
        """Return in a line how far it is."""
        counted = ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))
        left = "" if not self.left else f"; about {clock(self.left)} left"
        return f"{self.counts.get(FINISHED, 0)} of {len(self.trainings)} trainings finished ({counted}){left}"

    def to_json(self) -> dict[str, Any]:
        """Return the view as JSON values."""
        return {
            "study": self.name,
            "title": self.title,
            "running": self.is_carried_out,
            "counts": self.counts,
            "left": self.left,
            "runs": [each.to_json() for each in self.trainings],
            "shared": {key: vars(each) for key, each in self.beginnings.items()},
        }


def _mean_seconds(trainings: Sequence[TrainingView]) -> float | None:
    """Return the mean of the seconds that finished trainings took; one that was found, not trained, tells nothing."""
    took = [each.seconds for each in trainings if each.status == FINISHED and each.seconds]
    return sum(took) / len(took) if took else None


def _left_of(training: TrainingView, expected: float | None) -> float | None:
    """Return the seconds of a training that is not finished, where one is ``expected`` to take so many in all."""
    if training.left is not None or expected is None:
        return training.left
    is_begun = training.status == INTERRUPTED and training.progress is not None
    return expected * (1 - (training.progress or 0)) if is_begun else expected


def _sum_of(seconds: Sequence[float | None]) -> float | None:
    """Return the sum; None where one of them is not known."""
    known = [each for each in seconds if each is not None]
    return sum(known) if len(known) == len(seconds) else None


def view_study(folder: StudyFolder, record: StudyRecord | None = None, *, is_ours: bool = False) -> StudyView:
    """Return how far a study is; ``is_ours`` where this process carries it out, ``record`` saves reading it again."""
    record = record or folder.record
    carried_out = is_ours or folder.is_carried_out
    states = as_left(folder.states, carried_out)
    trainings = []
    for run in record.runs:
        state = states.get(run.key, RunState())
        is_running = state.status == RUNNING
        progress = _progress(folder, run.key) if is_running or state.status == INTERRUPTED else None
        share = progress.epochs_done / progress.epochs if progress and progress.epochs else None
        trainings.append(
            TrainingView(
                run.key,
                run.row,
                run.seed,
                run.fold,
                state.status,
                state.run or (progress.run if progress else ""),
                progress.stage if progress and is_running else "",
                share,
                _seconds_left(folder, run.key, progress) if is_running else None,
                state.reason,
                state.seconds,
            )
        )
    beginnings = {path.name.split(".")[0] for path in (folder.path / WORK).glob("stage-*.progress.json")}
    found = {key: progress for key in sorted(beginnings) if (progress := _progress(folder, key))}
    running = {key: each for key, each in found.items() if carried_out and not _has_ended(folder, key)}
    return StudyView(folder.name, record.spec.title, tuple(trainings), running, carried_out, record.workers)


def _progress(folder: StudyFolder, key: str) -> Progress | None:
    try:
        return Progress.read(folder.path / WORK, key)
    except DermError:
        # How far it is may be wrong to read; what it comes to is not told there.
        return None


def _has_ended(folder: StudyFolder, key: str) -> bool:
    return (folder.path / WORK / f"{key}.outcome.json").exists()


def _seconds_left(folder: StudyFolder, key: str, progress: Progress | None) -> float | None:
    """Return the seconds to go, by those that the process took for its own epochs; None before the first has ended."""
    if progress is None or not progress.epochs_trained:
        return None
    try:
        begun = (folder.path / WORK / f"{key}.json").stat().st_mtime
    except OSError:
        return None
    return (time.time() - begun) * (progress.epochs - progress.epochs_done) / progress.epochs_trained
