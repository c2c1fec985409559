"""Changing phases by texts: ``derm train --phase [PHASE:]NAME=VALUE``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from derm_cli.engine.components import ComponentTable
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plan import Phase
from derm_cli.plugin import ComponentSpec
from derm_cli.plugin.component_specs import PHASE_COMPONENTS
from derm_cli.plugin.contracts.phases import COUNTS, EPOCHS, NUMBERS
from derm_cli.workflows.training.component_options import read_component


def with_phase_options(
    phases: tuple[Phase, ...], assignments: tuple[str, ...], table: ComponentTable
) -> tuple[Phase, ...]:
    """Change ``phases`` by texts such as ``loss=focal:gamma=2``, or ``head:epochs=5`` for the phase ``head`` alone.

    A phase is named by a shell pattern; without one, every phase is meant.  ``table`` has the components.  Raises
    RequestError for an unknown name, a value that does not fit, or a pattern that no phase matches.
    """
    for assignment in assignments:
        where, _, value = assignment.partition("=")
        pattern, colon, name = where.rpartition(":")
        if name in SHORT_FORMS:
            name, value = _short_form(name, value)
        if name not in (*OPTIONS, *COMPONENTS):
            raise RequestError(
                f"--phase '{assignment}' names no option.{did_you_mean(name, NAMES)} Options: {', '.join(NAMES)}."
            )
        meant = [fnmatchcase(phase.name, pattern) if colon else True for phase in phases]
        if not any(meant):
            known = ", ".join(phase.name for phase in phases)
            raise RequestError(f"--phase '{assignment}' matches no phase. Phases: {known}.")
        if name in COMPONENTS:
            component = read_component(table, COMPONENTS[name], value, f"--phase '{assignment}'")
            values: dict[str, Any] = {name: component}
            phases = _where(phases, meant, values)
            continue
        read, wanted = OPTIONS[name]
        try:
            values = {name.replace("-", "_"): read(value)}
        except ValueError:
            raise RequestError(f"--phase '{assignment}' must give {wanted}.") from None
        phases = _where(phases, meant, values)
    return phases


def _where(phases: tuple[Phase, ...], meant: list[bool], values: dict[str, Any]) -> tuple[Phase, ...]:
    return tuple(_changed(phase, values) if here else phase for phase, here in zip(phases, meant, strict=True))


def _short_form(name: str, value: str) -> tuple[str, str]:
    """Return what a short form stands for: an option's name, and its value."""
    component, option, without = SHORT_FORMS[name]
    if not option:
        return component, value
    try:
        return component, without if float(value) == 0 else f"{option}={value}"
    except ValueError:
        return component, f"{option}={value}"


def _changed(phase: Phase, values: dict[str, Any]) -> Phase:
    if values.keys() <= {"epochs", "head_rate", "block_rate"}:
        return replace(phase, **values)
    return replace(phase, options=replace(phase.options, **values))


def _number(holds: Callable[[float], bool]) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = float(text)
        if not math.isfinite(number) or not holds(number):
            raise ValueError
        return number

    return read


def _count(name: str) -> tuple[Callable[[str], int], str]:
    least = COUNTS[name]

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= EPOCHS:
            raise ValueError
        return number

    return read, f"a whole number of epochs, {least} or more, up to {EPOCHS}"


def _one_of(**values: Any) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text not in values:
            raise ValueError
        return values[text]

    return read


def _limited(name: str) -> tuple[Callable[[str], float], str]:
    holds, wanted = NUMBERS[name]
    return _number(holds), wanted


_SWITCH = _one_of(on=True, off=False), "'on' or 'off'"

OPTIONS: dict[str, tuple[Callable[[str], Any], str]] = {
    "epochs": _count("epochs"),
    "head-rate": _limited("head_rate"),
    "block-rate": _limited("block_rate"),
    "depth-decay": _limited("depth_decay"),
    "augment": _SWITCH,
    "scale": _limited("scale"),
    "frozen-norms": _SWITCH,
    "head-start": _limited("head_start"),
    "head-copies": _count("head_copies"),
    "dropout": _limited("dropout"),
    "clip-norm": _limited("clip_norm"),
    "early-stopping": _count("early_stopping"),
    "best-epoch": _SWITCH,
}
"""What ``--phase`` can change beside components: how its value is read, and what it must be."""

COMPONENTS: dict[str, type[ComponentSpec]] = {kind.phase_option: kind for kind in PHASE_COMPONENTS}
"""The components that ``--phase`` can change."""

SHORT_FORMS: dict[str, tuple[str, str, str]] = {
    "label-smoothing": ("targets", "smoothed:share", "hard"),
    "mixup": ("mixing", "mixup:alpha", "none"),
    "ema": ("average", "ema:decay", "none"),
    "sampling": ("sampler", "", ""),
}
"""Short forms: the component, its option that the value is of, and the component that 0 stands for."""

NAMES = (*OPTIONS, *COMPONENTS, *SHORT_FORMS)
