"""The largest numbers that a training can be carried out with, far above what helps: a plan within them trains.

Beyond them a generator takes no seed, float32 overflows into NaN, or memory ends.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from derm_cli.errors import RequestError
from derm_cli.plugin.contracts.phases import LARGEST_RATE, SMALLEST_RATE, is_rate

SEED = 2**32 - 1
"""What NumPy's older generator takes, which Keras seeds too."""
PER_CLASS = 1024
DEVICES = 1024


def check_count(option: str, value: int, least: int, most: int) -> None:
    """Refuse a number that is not from ``least`` to ``most``."""
    if value < least:
        raise RequestError(f"{option} is '{value}', but must be {least} or more.")
    if value > most:
        raise RequestError(f"{option} is '{value}', but must be {most} or less.")


def check_rate(option: str, rate: float) -> None:
    """Refuse what is no learning rate."""
    if not (math.isfinite(rate) and rate > 0):
        raise RequestError(f"{option} is '{rate}', but a learning rate must be above 0.")
    if not is_rate(rate):
        raise RequestError(
            f"{option} is '{rate}', but a learning rate must be between {SMALLEST_RATE:g} and {LARGEST_RATE:g}."
        )


def check_batch(per_class: int, classes: int, photographs: int, size: int, where: str) -> None:
    """Refuse batches of more photographs than a stage has, or of more than memory holds; ``size`` is their side.

    ``where`` names the stage.  Memory is that of the machine: what a network needs beside is not known before it is
    built.
    """
    batch = per_class * classes
    fitting = max(1, photographs // classes)
    if per_class > 1 and batch > photographs:
        raise RequestError(
            f"--per-class is '{per_class}', which makes batches of {batch} photographs of {where} ({classes} classes), "
            f"but that has {photographs}: give {fitting} or less."
        )
    # As float32, before and after they are augmented.
    needed, there = 2 * 4 * 3 * size**2 * batch, memory_bytes()
    if needed > there:
        raise RequestError(
            f"--per-class is '{per_class}', which makes batches of {batch} photographs of {size} pixels a side of "
            f"{where}: they take {needed / 1e9:.0f} GB, but {there / 1e9:.0f} GB of memory are here; give a smaller "
            "--per-class or --size."
        )


def memory_bytes() -> int:
    """Return the memory of this machine, or of the container that this process is in."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    # No such file, or the word for no limit.
    except (OSError, ValueError):
        return memory
