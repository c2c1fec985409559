"""Strategies: in which order, and how mixed, the datasets of a chain are trained on (Nedelcu et al. 2021, table IV)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import RequestError, StrategySpec

if TYPE_CHECKING:
    from derm_cli.plugin import DatasetFacts, PlanRequest, Stage


def sequential(request: PlanRequest) -> tuple[Stage, ...]:
    """Train on one dataset after another, each with its own classes and a new head; the target is the last."""
    return tuple(_single(dataset, request) for dataset in request.datasets)


def merged(request: PlanRequest) -> tuple[Stage, ...]:
    """Train on all datasets as one: each photograph falls into the target's class that covers its diagnosis."""
    return (_merged(request),)


def hybrid(request: PlanRequest) -> tuple[Stage, ...]:
    """Train as :func:`merged` does, then on the target alone, going on with the same head."""
    return (_merged(request), _single(request.target, request, head="carried"))


def _single(dataset: DatasetFacts, request: PlanRequest, head: str = "new") -> Stage:
    from derm_cli.plugin import Stage

    return Stage(
        name=dataset.name,
        datasets=(dataset.name,),
        classes=dataset.classes,
        phases=request.phases,
        head="carried" if head == "carried" else "new",
    )


def _merged(request: PlanRequest) -> Stage:
    from derm_cli.plugin import Stage

    names = tuple(dataset.name for dataset in request.datasets)
    if len(names) < 2:
        raise RequestError(
            f"There is nothing to merge: the chain has the one dataset '{names[0]}'. Add another before it."
        )
    return Stage(name="+".join(names), datasets=names, classes=request.target.classes, phases=request.phases)


SEQUENTIAL = StrategySpec(name="sequential", title="one dataset after another, the target last", plan=sequential)
MERGED = StrategySpec(name="merged", title="all datasets as one, in the target's classes", plan=merged)
HYBRID = StrategySpec(name="hybrid", title="all datasets as one, then the target alone", plan=hybrid)
