"""Changing phases by texts: ``derm train --phase [PHASE:]NAME=VALUE``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plan import Phase
from derm_cli.workflows.training import limits


def with_phase_options(phases: tuple[Phase, ...], assignments: tuple[str, ...]) -> tuple[Phase, ...]:
    """Change ``phases`` by texts such as ``label-smoothing=0.1``, or ``head:epochs=5`` for the phase ``head`` alone.

    A phase is named by a shell pattern; without one, every phase is meant.  Raises RequestError for an unknown name, a
    value that does not fit, or a pattern that no phase matches.
    """
    for assignment in assignments:
        where, _, value = assignment.partition("=")
        pattern, colon, name = where.rpartition(":")
        if name not in OPTIONS:
            raise RequestError(
                f"--phase '{assignment}' names no option.{did_you_mean(name, OPTIONS)} Options: {', '.join(OPTIONS)}."
            )
        meant = [fnmatchcase(phase.name, pattern) if colon else True for phase in phases]
        if not any(meant):
            known = ", ".join(phase.name for phase in phases)
            raise RequestError(f"--phase '{assignment}' matches no phase. Phases: {known}.")
        read, wanted = OPTIONS[name]
        try:
            values = {name.replace("-", "_"): read(value)}
        except ValueError:
            raise RequestError(f"--phase '{assignment}' must give {wanted}.") from None
        phases = tuple(_changed(phase, values) if here else phase for phase, here in zip(phases, meant, strict=True))
    return phases


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
    least = limits.COUNTS[name]

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= limits.EPOCHS:
            raise ValueError
        return number

    return read, f"a whole number of epochs, {least} or more, up to {limits.EPOCHS}"


def _one_of(**values: Any) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text not in values:
            raise ValueError
        return values[text]

    return read


def _limited(name: str) -> tuple[Callable[[str], float], str]:
    holds, wanted = limits.NUMBERS[name]
    return _number(holds), wanted


OPTIONS: dict[str, tuple[Callable[[str], Any], str]] = {
    "epochs": _count("epochs"),
    "head-rate": _limited("head_rate"),
    "block-rate": _limited("block_rate"),
    "annealing": (_one_of(constant="constant", cosine="cosine"), "'constant' or 'cosine'"),
    "label-smoothing": _limited("label_smoothing"),
    "mixup": _limited("mixup"),
    "dropout": _limited("dropout"),
    "sampling": (_one_of(balanced="balanced", natural="natural"), "'balanced' or 'natural'"),
    "clip-norm": _limited("clip_norm"),
    "ema": _limited("ema"),
    "early-stopping": _count("early_stopping"),
    "best-epoch": (_one_of(on=True, off=False), "'on' or 'off'"),
}
"""What ``--phase`` can change: how its value is read, and what it must be."""
