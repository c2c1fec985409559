"""What strategies and schedules are told: the facts from which they plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derm_cli.plan import Phase
from derm_cli.taxonomy import LesionClass


@dataclass(frozen=True, kw_only=True)
class ScheduleRequest:
    """What a schedule is told: the backbone's blocks (top first, without the stem) and the numbers of the user.

    ``options`` has the value of each option of the schedule's own.
    """

    blocks: tuple[str, ...]
    epochs: int
    head_rate: float
    block_rate: float
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """A dataset of the chain as a strategy sees it: its name and its classes."""

    name: str
    classes: tuple[LesionClass, ...]


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What a strategy is told: the chain's datasets in order, the target last, and the phases of a stage."""

    datasets: tuple[DatasetFacts, ...]
    phases: tuple[Phase, ...]

    @property
    def target(self) -> DatasetFacts:
        """The dataset whose classes the model is to give."""
        return self.datasets[-1]
