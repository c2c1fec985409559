"""The graph of a study's work: beginnings that several trainings share are trained once, right before these."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class WorkUnit:
    """What one process does: a training to its end, or the shared beginning of several.

    ``key`` names it in the study; ``run`` is the key of the training that it carries out, or whose first stages, up to
    and with the one of index ``until``, it trains.  ``after`` are the keys of the units that have to be done before,
    ``outlines`` those of the stages that it trains itself, in their order; ``begins_with`` is that of the stage that it
    takes from the store, '' where it begins anew.
    """

    key: str
    run: str
    until: int | None
    after: tuple[str, ...]
    outlines: tuple[str, ...]
    begins_with: str = ""

    @property
    def is_beginning(self) -> bool:
        """Whether it is the shared beginning of several trainings, which ends in the stage store."""
        return self.until is not None


def work_units(
    outlines_of_runs: Mapping[str, Sequence[str]], stored: Collection[str] = (), *, shares: bool = True
) -> list[WorkUnit]:
    """Return the work of trainings whose stages have these outlines, in the order in which it is best begun.

    Where trainings part, or one ends and another goes on, the stages before are a unit of their own; so no stage is
    trained by two processes, and none needs a process that only one training would wait for.  The order is that of the
    trainings, but each beginning stands right before the first that needs it, and all that wait for it right behind:
    so the first training ends as early as can be, and a small store of stages is enough.  What is ``stored`` is
    nobody's work.  Without a store that keeps stages, ``shares`` is False, and each training does all of its work.
    """
    if not shares:
        return [WorkUnit(run, run, None, (), tuple(outlines)) for run, outlines in outlines_of_runs.items()]
    # What follows a stage: the next one, or the end, by which stages are known at which trainings part.
    following: dict[str, set[str]] = {}
    first: dict[str, tuple[str, int]] = {}
    for run, outlines in outlines_of_runs.items():
        for index, outline in enumerate(outlines):
            is_last = index + 1 == len(outlines)
            following.setdefault(outline, set()).add(f"end of {run}" if is_last else outlines[index + 1])
            first.setdefault(outline, (run, index))
    parting = {outline for outline, next_ones in following.items() if len(next_ones) > 1}
    beginnings: dict[str, WorkUnit] = {}
    units = []
    for run, outlines in outlines_of_runs.items():
        done = max((index + 1 for index, outline in enumerate(outlines) if outline in stored), default=0)
        before: tuple[str, ...] = ()
        for index in range(done, len(outlines)):
            outline = outlines[index]
            if outline not in parting:
                continue
            if outline not in beginnings:
                owner, until = first[outline]
                own, taken = tuple(outlines[done : index + 1]), outlines[done - 1] if done else ""
                beginnings[outline] = WorkUnit(f"stage-{outline[:12]}", owner, until, before, own, taken)
                units.append(beginnings[outline])
            before, done = (beginnings[outline].key,), index + 1
        units.append(WorkUnit(run, run, None, before, tuple(outlines[done:]), outlines[done - 1] if done else ""))
    return list(_users_together(units))


def _users_together(units: Sequence[WorkUnit]) -> Iterator[WorkUnit]:
    """Give each unit, and right behind it all that wait for it, in the order in which they are."""
    waiting: dict[tuple[str, ...], list[WorkUnit]] = {}
    for unit in units:
        waiting.setdefault(unit.after, []).append(unit)
    left = waiting.get((), [])[::-1]
    while left:
        unit = left.pop()
        yield unit
        if unit.is_beginning:
            left += waiting.get((unit.key,), [])[::-1]


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
