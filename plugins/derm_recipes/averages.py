"""Averages of the weights over the steps of a phase, with which the phase ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from derm_cli.plugin import Average

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True)
class Exponential:
    """The exponential moving average (Polyak and Juditsky 1992; Tarvainen and Valpola 2017, equation 2).

    It keeps the share ``decay`` at each step.  With ``ramp`` it keeps at most (1 + t) / (10 + t) at step t, so that a
    short phase does not end with the weights of its beginning.
    """

    decay: float
    ramp: bool

    def weights(self, steps: int, epochs: int) -> npt.NDArray[np.float64]:
        """Return 1 for the first step, then 1 - decay."""
        step = np.arange(steps * epochs)
        kept = np.full(len(step), self.decay)
        if self.ramp:
            kept = np.minimum(kept, (1.0 + step) / (10.0 + step))
        weights = 1.0 - kept
        weights[:1] = 1.0
        return weights


@dataclass(frozen=True)
class Stochastic:
    """Stochastic weight averaging (Izmailov et al. 2018, algorithm 1): the mean of the weights at epochs' ends.

    The share ``start`` of the epochs is left out.  Of BatchNorm's statistics the last ones are kept.
    """

    start: float

    def weights(self, steps: int, epochs: int) -> npt.NDArray[np.float64]:
        """Return 1/k for the last step of the k-th epoch that counts, 0 for all else."""
        weights = np.zeros(steps * epochs)
        first = min(int(self.start * epochs), epochs - 1)
        for number, epoch in enumerate(range(first, epochs), 1):
            weights[(epoch + 1) * steps - 1] = 1.0 / number
        return weights


@dataclass(frozen=True)
class Interpolated:
    """The way back to the weights that the phase began with (WiSE-FT: Wortsman et al. 2022, equation 1).

    The phase ends with ``alpha`` times its last weights, and 1 - alpha times those after its first step, which is next
    to nothing where rates warm up.
    """

    alpha: float

    def weights(self, steps: int, epochs: int) -> npt.NDArray[np.float64]:
        """Return 1 for the first step, alpha for the last, and 0 between."""
        weights = np.zeros(steps * epochs)
        weights[0] = 1.0
        if len(weights) > 1:
            weights[-1] = self.alpha
        return weights


def none(options: Mapping[str, Any]) -> Average | None:  # noqa: ARG001
    """Keep no average."""
    return None


def ema(options: Mapping[str, Any]) -> Average:
    """Return the exponential moving average."""
    return Exponential(options["decay"], options["ramp"])


def swa(options: Mapping[str, Any]) -> Average:
    """Return stochastic weight averaging."""
    return Stochastic(options["start"])


def interpolated(options: Mapping[str, Any]) -> Average:
    """Return the interpolation between the first weights and the last."""
    return Interpolated(options["alpha"])
