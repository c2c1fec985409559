"""Optimizers: how a gradient moves a variable.  g is the gradient, w the variable, r its rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derm_cli.plugin import Rates, UpdateRule

EPSILON = 1e-7
"""Keras's, which keeps the bits of Keras's own Adam."""


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1, in the order of the end of section 2).

    With ``decay``, AdamW (Loshchilov and Hutter 2019, algorithm 2): r decay w is taken from each weight of a kernel
    beside the step; biases and the weights of norms are not decayed.
    """

    decay: float = 0.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    slots: tuple[str, ...] = ("momentum", "velocity")

    def corrected(self, rates: Any, step: Any) -> Any:
        """Return r sqrt(1 - beta_2^t) / (1 - beta_1^t)."""
        from keras import ops

        # In this order, which is Keras's, the bits are Keras's too.
        return rates * ops.sqrt(1 - ops.power(self.beta_2, step)) / (1 - ops.power(self.beta_1, step))

    def update(self, gradient: Any, value: Any, slots: Sequence[Any], rates: Rates) -> tuple[Any, list[Any]]:
        """Return the step and the moments."""
        from keras import ops

        moment, velocity = slots
        moment = moment + (gradient - moment) * (1 - self.beta_1)
        velocity = velocity + (ops.square(gradient) - velocity) * (1 - self.beta_2)
        change = (moment * rates.corrected) / (ops.sqrt(velocity) + EPSILON)
        if self.decay and rates.is_kernel:
            change = change + rates.rate * self.decay * value
        return change, [moment, velocity]


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with momentum: v = m v + g, w = w - r v; with ``nesterov`` w = w - r (g + m v).

    Sutskever et al. 2013, equations 3 and 4, in the form in which v does not hold the rate.  ``decay`` adds decay w to
    the gradient of a kernel.
    """

    momentum: float = 0.9
    nesterov: bool = True
    decay: float = 0.0
    slots: tuple[str, ...] = ("momentum",)

    def corrected(self, rates: Any, step: Any) -> Any:  # noqa: ARG002
        """Return the rates as they are."""
        return rates

    def update(self, gradient: Any, value: Any, slots: Sequence[Any], rates: Rates) -> tuple[Any, list[Any]]:
        """Return the step and the velocity."""
        if self.decay and rates.is_kernel:
            gradient = gradient + self.decay * value
        velocity = self.momentum * slots[0] + gradient
        return rates.corrected * (gradient + self.momentum * velocity if self.nesterov else velocity), [velocity]


def adam(options: Mapping[str, Any]) -> UpdateRule:  # noqa: ARG001
    """Return Adam with its authors' numbers."""
    return Adam()


def adamw(options: Mapping[str, Any]) -> UpdateRule:
    """Return AdamW."""
    return Adam(options["decay"], options["beta-1"], options["beta-2"])


def sgd(options: Mapping[str, Any]) -> UpdateRule:
    """Return gradient descent with momentum."""
    return Momentum(options["momentum"], options["nesterov"], options["decay"])
