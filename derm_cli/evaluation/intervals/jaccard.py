"""F1 and the Jaccard index, a share: true positives of all cases that are of a class or were predicted to be.

Each is a rising function of the other, so an interval of the one is that of the other.
"""

from __future__ import annotations


def f1_of(jaccard: float) -> float:
    """Return the F1 of a Jaccard index, both in 0..1."""
    return 2 * jaccard / (1 + jaccard)


def jaccard_of(f1: float) -> float:
    """Return the Jaccard index of an F1, both in 0..1."""
    return f1 / (2 - f1)


def f1_slope(jaccard: float) -> float:
    """Return by how much F1 rises with the Jaccard index; the index rises with F1 by one over it."""
    return 2 / (1 + jaccard) ** 2
