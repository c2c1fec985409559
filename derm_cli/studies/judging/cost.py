"""What the trainings of a study took: time and energy of each row, of what rows share, and what sharing saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from derm_cli.errors import DermError
from derm_cli.runs.record import RunRecord
from derm_cli.studies.executing.assignment import Assignment, StageCost, UnitCost, UnitOutcome
from derm_cli.studies.judging.answers import RowAnswers, StudyAnswers
from derm_cli.studies.storage.folder import WORK
from derm_cli.studies.storage.record import FINISHED


@dataclass(frozen=True)
class Taken:
    """Seconds, and joules by counters of ``devices``.

    ``joules`` are None where a machine did not tell of all of it; ``is_measured`` is False where nobody looked, as
    before derm did.
    """

    seconds: float = 0.0
    joules: float | None = None
    devices: tuple[str, ...] = ()
    is_measured: bool = False

    @classmethod
    def of(cls, stages: Iterable[StageCost]) -> Taken:
        """Return the sum of what stages took."""
        found = list(stages)
        told = [each.joules for each in found if each.joules is not None]
        return cls(
            sum(each.seconds for each in found),
            sum(told) if found and len(told) == len(found) else None,
            tuple(dict.fromkeys(name for each in found for name in each.devices)),
            bool(found),
        )

    def times(self, count: int) -> Taken:
        """Return what so many of it would take."""
        joules = None if self.joules is None else self.joules * count
        return Taken(self.seconds * count, joules, self.devices, self.is_measured)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"seconds": round(self.seconds, 1), "joules": self.joules, "devices": list(self.devices)}


@dataclass(frozen=True)
class StudyCost:
    """What a study took: its rows by name, the beginnings that trainings share by key, each once, and what is saved.

    ``saved`` is what those beginnings would have taken, had each training that took them from the store begun by
    itself, less what they took.  A training whose stage was trained again, since the store had no room for it, took
    nothing from there.
    """

    rows: dict[str, Taken]
    beginnings: dict[str, Taken]
    saved: Taken

    @property
    def shared(self) -> Taken:
        """What all beginnings took."""
        return _sum(self.beginnings.values())

    @property
    def in_all(self) -> Taken:
        """What the whole study took."""
        return _sum([*self.rows.values(), *self.beginnings.values()])

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "rows": {name: each.to_json() for name, each in self.rows.items()},
            "shared": {key: each.to_json() for key, each in self.beginnings.items()},
            "saved_by_sharing": self.saved.to_json(),
            "in_all": self.in_all.to_json(),
        }


def study_cost(answers: StudyAnswers) -> StudyCost:
    """Return what a study took, as the processes of its units of work told; what cannot be read is not there."""
    work = answers.folder.path / WORK
    records = {each.key: each.run.record for row in answers.rows for each in row.finished if each.run is not None}
    beginnings, saved = {}, []
    for path in sorted(work.glob("stage-*.json")):
        key = path.name.removesuffix(".json")
        if "." in key:
            continue
        try:
            asked, outcome = Assignment.read(path), UnitOutcome.read(work, key)
            cost = UnitCost.read(work, key)
        except (DermError, OSError, ValueError, TypeError, KeyError):
            continue
        if cost is None:
            continue
        beginnings[key] = Taken.of(cost.stages)
        taken = sum(_took_from_store(records[user], asked.until) for user in asked.users if user in records)
        if outcome is not None and outcome.status == FINISHED and taken > 1:
            saved.append(beginnings[key].times(taken - 1))
    return StudyCost({row.name: _of_row(answers, row) for row in answers.rows}, beginnings, _sum(saved))


def _took_from_store(record: RunRecord, until: int | None) -> bool:
    """Tell whether a run took the last stage of a beginning, of this index, from the store."""
    return until is not None and until < len(record.stages) and record.stages[until].is_from_store


def _of_row(answers: StudyAnswers, row: RowAnswers) -> Taken:
    stages: list[StageCost] = []
    for training in row.finished:
        try:
            cost = UnitCost.read(answers.folder.path / WORK, training.key)
        except DermError:
            cost = None
        # What an earlier run of it took is not what this one did.
        own = [each for each in (cost.stages if cost else ()) if each.run == training.state.run]
        if not own:
            # A run that was there before: the sum of the others would be less than the row took.
            return Taken()
        stages += own
    return Taken.of(stages)


def _sum(each: Iterable[Taken]) -> Taken:
    found = [one for one in each if one.is_measured]
    told = [one.joules for one in found if one.joules is not None]
    return Taken(
        sum(one.seconds for one in found),
        sum(told) if found and len(told) == len(found) else None,
        tuple(dict.fromkeys(name for one in found for name in one.devices)),
        bool(found),
    )
