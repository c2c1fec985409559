"""On which machine, and with which versions, a table was made."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from derm_cli.cores import usable_cores
from derm_cli.engine.backend import processor

PACKAGES = ("derm-cli", "click", "pluggy", "keras", "tensorflow", "jax", "numpy", "pillow")


def facts() -> dict[str, str]:
    """Return what a reader needs to judge the figures: processor, cores, memory, system, versions, load before."""
    return {
        "processor": processor(),
        "cores": str(usable_cores()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": ", ".join(f"{name} {version}" for name, version in _versions()),
        "load before": ", ".join(f"{each:.2f}" for each in os.getloadavg()),
    }


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _versions() -> list[tuple[str, str]]:
    versions = []
    for name in PACKAGES:
        try:
            versions.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            versions.append((name, "absent"))
    return versions
