"""The graph of a study's work: beginnings that several trainings share are trained once, before these."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class WorkUnit:
    """What one process does: a training to its end, or the shared beginning of several.

    ``key`` names it in the study; ``run`` is the key of the training that it carries out, or whose first stages, up to
    and with the one of index ``until``, it trains.  ``after`` are the keys of the units that have to be done before,
    ``outlines`` those of the stages that it trains itself, in their order.
    """

    key: str
    run: str
    until: int | None
    after: tuple[str, ...]
    outlines: tuple[str, ...]

    @property
    def is_beginning(self) -> bool:
        """Whether it is the shared beginning of several trainings, which ends in the stage store."""
        return self.until is not None


def work_units(
    outlines_of_runs: Mapping[str, Sequence[str]], stored: Collection[str] = (), *, shares: bool = True
) -> list[WorkUnit]:
    """Return the work of trainings whose stages have these outlines, those units first that others wait for.

    Where trainings part, or one ends and another goes on, the stages before are a unit of their own; so no stage is
    trained by two processes, and none needs a process that only one training would wait for.  What is ``stored`` is
    nobody's work.  Without a store that keeps stages, ``shares`` is False, and each training does all of its work.
    """
    if not shares:
        return [WorkUnit(run, run, None, (), tuple(outlines)) for run, outlines in outlines_of_runs.items()]
    # What follows a stage: the next one, or the end, by which stages are known at which trainings part.
    following: dict[str, set[str]] = {}
    first: dict[str, tuple[str, int]] = {}
    users: dict[str, int] = {}
    for run, outlines in outlines_of_runs.items():
        for index, outline in enumerate(outlines):
            is_last = index + 1 == len(outlines)
            following.setdefault(outline, set()).add(f"end of {run}" if is_last else outlines[index + 1])
            first.setdefault(outline, (run, index))
            users[outline] = users.get(outline, 0) + 1
    parting = {outline for outline, next_ones in following.items() if len(next_ones) > 1}
    beginnings: dict[str, WorkUnit] = {}
    trainings = []
    for run, outlines in outlines_of_runs.items():
        done = max((index + 1 for index, outline in enumerate(outlines) if outline in stored), default=0)
        before: tuple[str, ...] = ()
        for index in range(done, len(outlines)):
            outline = outlines[index]
            if outline not in parting:
                continue
            if outline not in beginnings:
                owner, until = first[outline]
                own = tuple(outlines[done : index + 1])
                beginnings[outline] = WorkUnit(f"stage-{outline[:12]}", owner, until, before, own)
            before, done = (beginnings[outline].key,), index + 1
        trainings.append(WorkUnit(run, run, None, before, tuple(outlines[done:])))
    waited_for = {each.key: 0 for each in beginnings.values()}
    for outline, unit in beginnings.items():
        waited_for[unit.key] = users[outline]
    return [*sorted(beginnings.values(), key=lambda unit: -waited_for[unit.key]), *trainings]


def trainings_after(units: Sequence[WorkUnit]) -> dict[str, tuple[str, ...]]:
    """Return for each beginning the keys of the trainings that wait for it, also by way of another beginning."""
    after = {unit.key: unit.after for unit in units}
    found: dict[str, list[str]] = {unit.key: [] for unit in units if unit.is_beginning}
    for unit in units:
        waits = list(unit.after) if not unit.is_beginning else []
        while waits:
            key = waits.pop()
            found[key].append(unit.key)
            waits += after[key]
    return {key: tuple(users) for key, users in found.items()}


def trained_without_sharing(outlines_of_runs: Mapping[str, Sequence[str]]) -> int:
    """Return how many stages would be trained if each training did all of its work."""
    return sum(map(len, outlines_of_runs.values()))
