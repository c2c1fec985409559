"""An executor of studies on Ray: on the nodes of a cluster, or on this machine by Ray's own scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import ExecutorSpec


@hookimpl
def derm_executors() -> list[ExecutorSpec]:
    """Return the executor ``ray``."""
    from derm_ray.executor import RAY

    return [RAY]
