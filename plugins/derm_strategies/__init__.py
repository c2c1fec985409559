"""The built-in strategies (which datasets, in which stages) and schedules (which phases a stage has)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import ScheduleSpec, StrategySpec


@hookimpl
def derm_strategies() -> list[StrategySpec]:
    """Return the strategies ``sequential``, ``merged`` and ``hybrid``."""
    from derm_strategies import strategies

    return [strategies.SEQUENTIAL, strategies.MERGED, strategies.HYBRID]


@hookimpl
def derm_schedules() -> list[ScheduleSpec]:
    """Return the schedules ``frozen-block``, ``full``, ``upper`` and ``linear-probe``."""
    from derm_strategies import schedules

    return [schedules.FROZEN_BLOCK, schedules.FULL, schedules.UPPER_BLOCKS, schedules.LINEAR_PROBE]
