"""The options of the engine: how it computes what the plan says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--precision",
        type=click.Choice(["auto", "float32", "bfloat16", "float16"]),
        default="auto",
        show_default=True,
        help="Precision of the backbone while it trains; auto is bfloat16 on an accelerator, float32 on a CPU.",
    ),
    click.option(
        "--programs",
        type=click.Choice(["auto", "phase", "stage"]),
        default="auto",
        show_default=True,
        help="What is compiled: a program for each phase, or one for all phases of a stage; auto is by stage on an "
        "accelerator, by phase on a CPU.",
    ),
    click.option(
        "--devices",
        type=int,
        default=0,
        show_default="every accelerator",
        help="Devices that share each batch (JAX).",
    ),
    click.option(
        "--deterministic/--no-deterministic",
        default=True,
        show_default=True,
        help="Use kernels that give the same bits each time.",
    ),
    click.option(
        "--frozen-check/--no-frozen-check",
        default=True,
        show_default=True,
        help="Compare frozen blocks before and after each phase.",
    ),
    click.option(
        "--resident-share",
        type=float,
        default=0.25,
        show_default=True,
        help="Share of the device's memory that photographs may take to be there whole.",
    ),
)
ENGINE_OPTIONS = ("precision", "programs", "devices", "deterministic", "frozen_check", "resident_share")
"""The names of the values that :func:`engine_options` adds: the fields of :class:`derm_cli.plan.Execution`."""


def engine_options(command: F) -> F:
    """Add the options of the engine to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
