"""The largest numbers that a training can be carried out with, far above what helps: a plan within them trains.

Beyond them a generator takes no seed, float32 overflows into NaN, or memory ends.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from derm_cli.errors import RequestError
from derm_cli.plan import Phase

SEED = 2**32 - 1
"""What NumPy's older generator takes, which Keras seeds too."""
EPOCHS = 100_000
PER_CLASS = 1024
DEVICES = 1024
SMALLEST_RATE, LARGEST_RATE = 1e-30, 100.0
"""Of a learning rate, which is float32."""
SMALLEST_CLIP, LARGEST_CLIP = 1e-6, 1e6
DROPOUT = 0.99


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


def is_rate(rate: float) -> bool:
    """Tell whether a number is a learning rate that float32 can compute with."""
    return SMALLEST_RATE <= rate <= LARGEST_RATE


NUMBERS: dict[str, tuple[Callable[[float], bool], str]] = {
    **dict.fromkeys(
        ("head_rate", "block_rate"),
        (is_rate, f"a learning rate above 0, from {SMALLEST_RATE:g} to {LARGEST_RATE:g}"),
    ),
    "dropout": (lambda number: 0 <= number <= DROPOUT, f"a number from 0 to {DROPOUT:g}"),
    "clip_norm": (
        lambda number: number == 0 or SMALLEST_CLIP <= number <= LARGEST_CLIP,
        f"0, or a number from {SMALLEST_CLIP:g} to {LARGEST_CLIP:g}",
    ),
    "depth_decay": (lambda number: 0 < number <= 1, "a number above 0, up to 1"),
    "scale": (lambda number: 0.1 <= number <= 1, "a number from 0.1 to 1"),
    "head_start": (lambda number: 0 <= number <= 1e4, "a number from 0 to 10000"),
}
"""Of a phase and its options: which numbers it can have, and what these are in words."""
COUNTS = {"epochs": 1, "early_stopping": 0, "head_copies": 0}
"""Of a phase and its options: the least number of epochs; the most is EPOCHS."""
SWITCHES = ("augment", "frozen_norms", "best_epoch")
"""Of the options of a phase: what is on or off."""


def phase_fault(phase: Phase) -> str:
    """Return what of a phase, which may be any schedule's, a training cannot be carried out with, '' where it can.

    It is the end of a sentence that names the phase: "the head rate 'nan', but must have …".
    """
    values: dict[str, Any] = {**vars(phase), **vars(phase.options)}
    for name, (holds, wanted) in NUMBERS.items():
        # Where no block is unfrozen, nothing learns at its rate.
        if name == "block_rate" and not phase.blocks:
            continue
        if not (_is_number(values[name]) and holds(values[name])):
            return _fault(name, values[name], wanted)
    for name, least in COUNTS.items():
        value = values[name]
        if not (_is_number(value) and isinstance(value, int) and least <= value <= EPOCHS):
            return _fault(name, value, f"a whole number from {least} to {EPOCHS}")
    for name in SWITCHES:
        if not isinstance(values[name], bool):
            return _fault(name, values[name], "'True' or 'False'")
    return ""


def _fault(name: str, value: object, wanted: str) -> str:
    return f"the {name.replace('_', ' ')} '{value}', but that must be {wanted}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


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
