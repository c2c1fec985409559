"""Training that plugins have end before its plan does: what was asked is recorded before it is acted on.

So a process that is killed in between, and one that goes on later, end with the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derm_cli.console import warn
from derm_cli.engine.position import Position
from derm_cli.errors import one_line
from derm_cli.plan import Plan
from derm_cli.plugin import StopRequest
from derm_cli.plugin.events import ENDS
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunStop


@dataclass(frozen=True)
class Stops:
    """Where the training of a run is ended by plugins."""

    stops: tuple[RunStop, ...] = ()

    def is_ended(self, stage: int, phase: int, epoch: int) -> bool:
        """Tell whether a phase ends before its epoch of this number, from 0; it is left out where that is the first."""
        return any(_ends(stop, stage, phase, epoch) for stop in self.stops)

    def precedes(self, position: Position) -> bool:
        """Tell whether all of the stops are before ``position``: what plugins ask there was not asked yet."""
        return all(stop.place < (position.stage, position.phase, position.epoch) for stop in self.stops)

    def touches(self, stage: int) -> bool:
        """Tell whether the bits of a stage depend on a stop: in it, or in one before."""
        return any(stop.stage <= stage for stop in self.stops)


def _is_before_end(plan: Plan, ends: str, position: Position) -> bool:
    """Tell whether the plan has more of what is to be ended than the epochs up to ``position``."""
    stage = plan.stages[position.stage]
    left = [position.epoch < stage.phases[position.phase].epochs]
    left += [position.phase + 1 < len(stage.phases), position.stage + 1 < len(plan.stages)]
    return any(left[: ENDS.index(ends) + 1])


def _ends(stop: RunStop, stage: int, phase: int, epoch: int) -> bool:
    if stop.stage == stage and stop.phase == phase:
        return epoch >= stop.epoch
    if stop.stage == stage:
        return stop.phase < phase and stop.ends != "phase"
    # A head that is new has to learn something.
    return stop.stage < stage and stop.ends == "run" and (phase, epoch) > (0, 0)


def with_requests(run: RunFolder, plan: Plan, asked: Mapping[str, StopRequest], position: Position) -> Stops:
    """Record what plugins ask for, by their names, at the end of an epoch, and return all stops of the run.

    ``position`` is where training would go on.  What an earlier process decided there, or behind, holds: its epochs are
    trained once more then, and plugins are asked once more too.  A request that ends nothing is none: the plan has no
    more than that.
    """
    asked = {name: each for name, each in asked.items() if _is_before_end(plan, each.ends, position)}
    stops = Stops(run.record.stops)
    if not asked or not stops.precedes(position):
        return stops
    new = [
        RunStop(
            name, one_line(" ".join(each.reason.split())), each.ends, position.stage, position.phase, position.epoch
        )
        for name, each in asked.items()
    ]
    run.require_own()
    run.write(replace(run.record, stops=(*stops.stops, *new)))
    for each in new:
        warn(f"plugin '{each.plugin}' ends the {each.ends} after this epoch: {each.reason}")
    return Stops((*stops.stops, *new))
