"""The variants of TFLite as data, for what writes them and for what judges them: it needs neither."""

from __future__ import annotations

from dataclasses import dataclass

from derm_cli.plugin import FLOAT_INPUT

FLOAT16, DYNAMIC, INT8, INT16X8 = "float16", "dynamic", "int8", "int16x8"
QUANTIZATIONS = (FLOAT16, DYNAMIC, INT8, INT16X8)
CALIBRATED = (INT8, INT16X8)
"""Those whose ranges are settled by photographs."""
AGREEMENT, RECALL_LOSS = 0.98, 0.02
"""Where answers decide: the least share of photographs with the run's answer, the most that a class may lose of it."""


@dataclass(frozen=True)
class TFLiteVariant:
    """A variant: ``quantization`` is '' for float32 weights; with ``float_input`` photographs are float32.

    ``tolerance`` is the largest accepted difference of a probability, None where answers decide instead.
    """

    quantization: str
    float_input: bool
    title: str
    tolerance: float | None

    @property
    def name(self) -> str:
        """Return the name as in ``model-NAME.tflite``."""
        return "-".join(part for part in (self.quantization, FLOAT_INPUT if self.float_input else "") if part)


_WEIGHTS: tuple[tuple[str, str, float | None], ...] = (
    ("", "float32 weights", 1e-4),
    (FLOAT16, "float16 weights", 1e-2),
    (DYNAMIC, "int8 weights, ranges at run time", None),
    (INT8, "int8 weights and feature maps", None),
    (INT16X8, "int8 weights, int16 feature maps", None),
)
TFLITE_VARIANTS = tuple(
    TFLiteVariant(quantization, float_input, title + (", float32 photographs" if float_input else ""), tolerance)
    for quantization, title, tolerance in _WEIGHTS
    for float_input in (False, True)
    if quantization or float_input
)
"""Each number of bits with both inputs; float32 weights with uint8 photographs are the format itself."""
