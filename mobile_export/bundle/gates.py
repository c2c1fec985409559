"""How near an answer must be to what is expected, by variant."""

from __future__ import annotations

from dataclasses import dataclass

from derm_cli.plugin import ExporterSpec
from mobile_export.variants import AGREEMENT, RECALL_LOSS, TFLITE_VARIANTS


@dataclass(frozen=True)
class Gate:
    """What is accepted: ``tolerance`` of the largest difference; None where answers and recall decide instead."""

    tolerance: float | None
    agreement: float = AGREEMENT
    recall: float = RECALL_LOSS


EXACT = Gate(ExporterSpec.tolerance)
GATES = {"": EXACT} | {each.name: Gate(each.tolerance) for each in TFLITE_VARIANTS}
"""By variant; derm's own, for what a manifest accepts is its writer's affair."""
OF_DRAWN = 0.8
"""The least agreement on drawn photographs where answers decide: they are unlike what a model learnt, and few."""
