"""Annealings: the factor of every rate over the steps, as a function of the share of them that is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Factor = Callable[[Numbers], Numbers]


def constant(options: Mapping[str, Any]) -> Factor:  # noqa: ARG001
    """Leave the rates as they are."""
    return lambda share: np.ones(share.shape)


def cosine(options: Mapping[str, Any]) -> Factor:  # noqa: ARG001
    """Let the rates fall to 0 along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts)."""

    def factor(share: Numbers) -> Numbers:
        factors: Numbers = 0.5 * (1.0 + np.cos(np.pi * share))
        return factors

    return factor


def one_cycle(options: Mapping[str, Any]) -> Factor:
    """Let the rates rise from ``start`` to 1 over the share ``warmup``, and fall to ``end``, each along half a cosine.

    Smith and Topin 2018, section 3, in the form with cosines that most libraries have.
    """
    warmup, start, end = options["warmup"], options["start"], options["end"]

    def factor(share: Numbers) -> Numbers:
        rising = share / warmup if warmup else np.ones_like(share)
        falling = (share - warmup) / (1.0 - warmup) if warmup < 1 else np.zeros_like(share)
        up = start + (1.0 - start) * 0.5 * (1.0 - np.cos(np.pi * np.clip(rising, 0.0, 1.0)))
        down = end + (1.0 - end) * 0.5 * (1.0 + np.cos(np.pi * np.clip(falling, 0.0, 1.0)))
        factors: Numbers = np.where(share < warmup, up, down)
        return factors

    return factor
