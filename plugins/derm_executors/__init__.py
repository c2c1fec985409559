"""The built-in executor of studies: processes of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import ExecutorSpec


@hookimpl
def derm_executors() -> list[ExecutorSpec]:
    """Return the executor ``local``."""
    from derm_executors.local import LOCAL

    return [LOCAL]
