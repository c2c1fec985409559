"""The contract of a strategy: stages of the chain's datasets, of which the last has the target's classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from derm_cli.plan import Stage
from derm_cli.plugin.requests import PlanRequest


def stages_fault(stages: Any, request: PlanRequest) -> str:
    """Return what is amiss with the stages that a strategy gives for ``request``, '' where nothing is.

    It is the end of a sentence that names the strategy: "gives stage 's' …".
    """
    return next(_stages_faults(stages, request), "")


def _stages_faults(stages: Any, request: PlanRequest) -> Iterator[str]:
    names = {each.name for each in request.datasets}
    target = request.target
    if not isinstance(stages, tuple) or not all(isinstance(each, Stage) for each in stages):
        yield f"gives {stages!r}, but must give a tuple of derm_cli.plugin.Stage"
    if not stages or stages[-1].classes != target.classes:
        yield f"does not end with the classes of '{target.name}': let its last stage have request.target.classes"
    for stage, before in zip(stages, (None, *stages), strict=False):
        if not stage.phases:
            yield f"gives stage '{stage.name}' no phase: give it request.phases"
        if not isinstance(stage.datasets, tuple) or not stage.datasets or not set(stage.datasets) <= names:
            yield f"gives stage '{stage.name}' no dataset of the chain: name some of request.datasets in a tuple"
        if stage.head not in ("new", "carried"):
            yield f"gives stage '{stage.name}' the head {stage.head!r}, but must give 'new' or 'carried'"
        if stage.head == "carried" and (before is None or before.classes != stage.classes):
            yield (
                f"carries an unfit head into stage '{stage.name}': a head is carried from a stage of the same classes"
            )
