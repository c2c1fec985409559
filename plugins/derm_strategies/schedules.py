"""Schedules: which blocks a stage unfreezes, phase by phase (Nedelcu et al. 2021, section III)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import HEAD, STEM, ScheduleSpec

if TYPE_CHECKING:
    from derm_cli.plugin import Phase, ScheduleRequest


def frozen_block(request: ScheduleRequest) -> tuple[Phase, ...]:
    """Train the head alone, then unfreeze the blocks one after another from the top; the stem stays frozen."""
    return tuple(_phase(request, request.blocks[:count]) for count in range(len(request.blocks) + 1))


def full(request: ScheduleRequest) -> tuple[Phase, ...]:
    """Train everything, the stem too, in one phase with as many epochs as :func:`frozen_block` has in all."""
    epochs = request.epochs * (len(request.blocks) + 1)
    return (_phase(request, (*request.blocks, STEM), name="full", epochs=epochs),)


def upper(request: ScheduleRequest) -> tuple[Phase, ...]:
    """Train the head and the three upper blocks in one phase: what lies below is general, and most of the work."""
    return (_phase(request, request.blocks[:UPPER], name="upper"),)


def linear_probe(request: ScheduleRequest) -> tuple[Phase, ...]:
    """Train the head alone."""
    return (_phase(request, ()),)


def _phase(
    request: ScheduleRequest, blocks: tuple[str, ...], name: str | None = None, epochs: int | None = None
) -> Phase:
    from derm_cli.plugin import Phase

    return Phase(
        name=name or (f"{HEAD}+{blocks[-1]}" if blocks else HEAD),
        blocks=blocks,
        epochs=epochs or request.epochs,
        head_rate=request.head_rate,
        block_rate=request.block_rate,
    )


UPPER = 3
"""How many blocks the schedule ``upper`` trains."""

FROZEN_BLOCK = ScheduleSpec(
    name="frozen-block", title="the head, then one block more a phase, from the top (the paper's)", phases=frozen_block
)
FULL = ScheduleSpec(name="full", title="everything at once", phases=full)
UPPER_BLOCKS = ScheduleSpec(name="upper", title="the head and the three upper blocks at once", phases=upper)
LINEAR_PROBE = ScheduleSpec(name="linear-probe", title="the head alone", phases=linear_probe)
