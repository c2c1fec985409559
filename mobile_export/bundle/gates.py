"""How near an answer must be to what is expected, by variant."""

from __future__ import annotations

from dataclasses import dataclass

from mobile_export.specs import TFLITE


@dataclass(frozen=True)
class Gate:
    """What is accepted: ``tolerance`` of the largest difference; None where answers and recall decide instead."""

    tolerance: float | None
    agreement: float = 0.98
    recall: float = 0.02


EXACT = Gate(TFLITE.tolerance)
GATES = {"": EXACT} | {
    each.name: Gate(each.tolerance, each.agreement or Gate.agreement, each.recall_loss or Gate.recall)
    for each in TFLITE.variants
}
"""By variant; derm's own, for what a manifest accepts is its writer's affair."""
OF_DRAWN = 0.8
"""The least agreement on drawn photographs where answers decide: they are unlike what a model learnt, and few."""
