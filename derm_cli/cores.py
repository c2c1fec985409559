"""How many cores this process may use: those that a scheduler, or ``taskset``, leaves it, not all of the machine."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Return the number of cores that this process may use, 1 or more."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
