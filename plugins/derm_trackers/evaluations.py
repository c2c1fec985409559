"""What a tracker shows of a run's evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def test_metrics(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of an evaluation that are of the whole test part, as ``test.balanced_accuracy``.

    Where nobody was kept for a test, there are none but the cases, of which there are 0.
    """
    return {
        f"test.{name}": float(value)
        for name, value in evaluation.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
