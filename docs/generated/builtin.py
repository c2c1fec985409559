"""The built-in plugins, whatever else is installed."""

from __future__ import annotations

import sys
from functools import cache
from importlib import metadata
from typing import Any


@cache
def registry() -> Any:
    """Return the built-in plugins."""
    from derm_cli.plugin.loading import DISTRIBUTION, GROUP
    from derm_cli.plugin.registry import Registry

    names = [
        point.name
        for point in metadata.entry_points(group=GROUP)
        if point.dist is not None and point.dist.name == DISTRIBUTION
    ]
    found = Registry(only=names)
    for kind in found.kinds.values():
        found.all(kind)
    if found.problems:
        sys.exit(f"The built-in plugins are not in order: {found.problems[0]}")
    return found
