"""Whether a comparison of answers proves anything: a network that answers the same to everything agrees with all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TELLING = 10
"""The least that answers must differ between photographs, in multiples of the difference that is accepted."""
LEAST_SPREAD = 1e-2
"""That, where equal answers and recall decide instead of a difference."""
ENOUGH_SPREAD = 0.1
"""By how much answers differ in any case enough, however large a difference is accepted."""


def proves_nothing(expected: np.ndarray[Any, Any], tolerance: float | None) -> str:
    """Return why a comparison with ``expected``, probabilities (n, classes), could hardly fail; '' where it could.

    ``tolerance`` is the largest difference of a probability that is accepted, None where something else decides.
    """
    least = LEAST_SPREAD if tolerance is None else min(tolerance * TELLING, ENOUGH_SPREAD)
    spread = float((expected.max(axis=0) - expected.min(axis=0)).max()) if len(expected) else 0.0
    if spread >= least:
        return ""
    return (
        f"the answers differ by {spread:.1g} between {len(expected)} photographs, less than {least:g}: that another "
        "model gives the same proves nothing"
    )
