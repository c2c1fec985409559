"""How far a study is: each training with its stage, its progress and the time left, read from the study's folder."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from derm_cli.errors import DermError
from derm_cli.study.executing.assignment import Progress
from derm_cli.study.storage.folder import WORK, StudyFolder, as_left
from derm_cli.study.storage.record import FINISHED, RUNNING, RunState, StudyRecord


@dataclass(frozen=True)
class TrainingView:
    """A training as a table shows it: ``progress`` is the share of its epochs that are done, ``left`` seconds to go.

    Both are None where nothing tells; ``run`` is the id of its run, '' where it has none yet.
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

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**vars(self), "fold": self.fold or None, "run": self.run or None, "reason": self.reason or None}


@dataclass(frozen=True)
class StudyView:
    """A study as it stands: its trainings, and those shared beginnings, by key, that are trained at this moment."""

    name: str
    title: str
    trainings: tuple[TrainingView, ...]
    beginnings: dict[str, Progress]
    is_carried_out: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many trainings have each status."""
        return dict(Counter(each.status for each in self.trainings))

    @property
    def summary(self) -> str:
        """Return in a line how far it is."""
        counted = ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))
        return f"{self.counts.get(FINISHED, 0)} of {len(self.trainings)} trainings finished ({counted})"

    def to_json(self) -> dict[str, Any]:
        """Return the view as JSON values."""
        return {
            "study": self.name,
            "title": self.title,
            "running": self.is_carried_out,
            "counts": self.counts,
            "runs": [each.to_json() for each in self.trainings],
            "shared": {key: vars(each) for key, each in self.beginnings.items()},
        }


def view_study(folder: StudyFolder, record: StudyRecord | None = None, *, is_ours: bool = False) -> StudyView:
    """Return how far a study is; ``is_ours`` where this process carries it out, ``record`` saves reading it again."""
    record = record or folder.record
    carried_out = is_ours or folder.is_carried_out
    states = as_left(folder.states, carried_out)
    trainings = []
    for run in record.runs:
        state = states.get(run.key, RunState())
        progress = _progress(folder, run.key) if state.status == RUNNING else None
        share = progress.epochs_done / progress.epochs if progress and progress.epochs else None
        trainings.append(
            TrainingView(
                run.key,
                run.row,
                run.seed,
                run.fold,
                state.status,
                state.run or (progress.run if progress else ""),
                progress.stage if progress else "",
                share,
                _seconds_left(folder, run.key, share),
                state.reason,
            )
        )
    beginnings = {path.name.split(".")[0] for path in (folder.path / WORK).glob("stage-*.progress.json")}
    found = {key: progress for key in sorted(beginnings) if (progress := _progress(folder, key))}
    running = {key: each for key, each in found.items() if carried_out and not _has_ended(folder, key)}
    return StudyView(folder.name, record.spec.title, tuple(trainings), running, carried_out)


def _progress(folder: StudyFolder, key: str) -> Progress | None:
    try:
        return Progress.read(folder.path / WORK, key)
    except DermError:
        # How far it is may be wrong to read; what it comes to is not told there.
        return None


def _has_ended(folder: StudyFolder, key: str) -> bool:
    return (folder.path / WORK / f"{key}.outcome.json").exists()


def _seconds_left(folder: StudyFolder, key: str, share: float | None) -> float | None:
    """Return the seconds to go, by those since the unit was begun; None before the first epoch has ended."""
    if not share:
        return None
    try:
        begun = (folder.path / WORK / f"{key}.json").stat().st_mtime
    except OSError:
        return None
    return (time.time() - begun) * (1 - share) / share
