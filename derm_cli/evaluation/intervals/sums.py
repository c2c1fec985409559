"""Sums whose last bits hang on their terms alone."""

from __future__ import annotations

from derm_cli.evaluation.array_types import Floats


def sum_of_products(first: Floats, second: Floats) -> float:
    """Return the inner product of two vectors, (n,).

    By NumPy, not by BLAS: the last bit of its products hangs on how the vectors lie in memory, and an evaluation is
    compared bit for bit.
    """
    return float((first * second).sum())
