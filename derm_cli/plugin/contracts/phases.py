"""The contract of a schedule: phases with blocks that a backbone has, and numbers that a training can compute with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from derm_cli.errors import did_you_mean
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import Phase
from derm_cli.plugin.numbers import is_number
from derm_cli.plugin.specs import HEAD, STEM

EPOCHS = 100_000
SMALLEST_RATE, LARGEST_RATE = 1e-30, 100.0
"""Of a learning rate, which is float32."""
SMALLEST_CLIP, LARGEST_CLIP = 1e-6, 1e6
DROPOUT = 0.99


def phases_fault(phases: Any, blocks: Collection[str]) -> str:
    """Return what is amiss with the phases of a schedule for a backbone of ``blocks``, '' where nothing is.

    It is the end of a sentence that names the schedule: "gives the phase 'p' …".
    """
    return next(_phases_faults(phases, blocks), "")


def _phases_faults(phases: Any, blocks: Collection[str]) -> Iterator[str]:
    if not isinstance(phases, tuple) or not phases:
        yield f"gives {phases!r}, but must give a tuple of phases, one at least"
    for phase in phases:
        if not (isinstance(phase, Phase) and isinstance(phase.options, PhaseOptions)):
            yield f"gives {phase!r}, but must give a derm_cli.plugin.Phase with PhaseOptions"
        if not isinstance(phase.name, str) or not phase.name:
            yield f"gives a phase the name {phase.name!r}, but must give it a text"
        if not isinstance(phase.blocks, tuple):
            yield f"gives the phase '{phase.name}' the blocks {phase.blocks!r}, but must give a tuple of their names"
        for block in phase.blocks:
            if block == HEAD:
                yield f"gives the phase '{phase.name}' the block '{HEAD}', which every phase trains: leave it out"
            if block not in {*blocks, STEM}:
                near = did_you_mean(str(block), {*blocks, STEM})
                yield f"gives the phase '{phase.name}' the block {block!r}, which the backbone has not.{near}"
        if fault := phase_fault(phase):
            yield f"gives the phase '{phase.name}' {fault}"


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
        if not (is_number(values[name]) and holds(values[name])):
            return _fault(name, values[name], wanted)
    for name, least in COUNTS.items():
        value = values[name]
        if not (is_number(value) and isinstance(value, int) and least <= value <= EPOCHS):
            return _fault(name, value, f"a whole number from {least} to {EPOCHS}")
    for name in SWITCHES:
        if not isinstance(values[name], bool):
            return _fault(name, values[name], "'True' or 'False'")
    return ""


def _fault(name: str, value: object, wanted: str) -> str:
    return f"the {name.replace('_', ' ')} '{value}', but that must be {wanted}"
