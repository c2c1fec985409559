"""Temperature scaling: calibrates a finished network by one temperature, fitted on the target's validation part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from derm_cli.console import warn
from derm_cli.data.samples import Samples
from derm_cli.evaluation.metrics.calibration import (
    TEMPERATURES,
    calibration_of,
    fit_temperature,
    softmax,
    temperature_bound,
)
from derm_cli.plugin import View
from derm_cli.workflows.training.viewing import viewed_logits

if TYPE_CHECKING:
    from derm_cli.engine.network import Network

FEWEST = 30
"""Validation photographs from which a temperature is fitted: from fewer it would be chance."""


@dataclass(frozen=True)
class Temperature:
    """What the logits were divided by, 1 where nothing was, and what that did on the ``cases`` of the validation part.

    ``log_loss`` in nats and ``ece`` are pairs, before and after, None where nothing was fitted; ``reason`` then begins
    a sentence that says why.
    """

    value: float = 1.0
    cases: int = 0
    log_loss: tuple[float, float] | None = None
    ece: tuple[float, float] | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        return asdict(self)


def calibrate(network: Network, validation: Samples | None, views: Sequence[View] = ()) -> Temperature:
    """Fit a temperature (Guo et al., ICML 2017) on the validation part, and divide the network's logits by it.

    It is that of the mean of the logits over ``views`` of a photograph, by which the finished model answers.  The order
    of the classes stays for every photograph.  Nothing is done with too few photographs, or with none, nor where all
    are right: then no temperature is the best one, the lower the better.  Nor where the best one lies at a bound of
    those that are tried: a better one may lie beyond.
    """
    cases = 0 if validation is None else len(validation.labels)
    if validation is None or cases < FEWEST:
        return Temperature(cases=cases, reason=f"With {cases} validation photographs")
    logits = viewed_logits(network, validation, views)
    labels = validation.labels.astype(np.intp)
    if not np.isfinite(logits).all():
        return Temperature(cases=cases, reason="With logits that are no numbers")
    if (logits.argmax(axis=1) == labels).all():
        return Temperature(cases=cases, reason=f"With all {cases} validation photographs right")
    value = fit_temperature(logits, labels)
    bound = temperature_bound(value)
    if bound is not None:
        reason = "With the best temperature at or beyond {:g}, a bound of {:g} to {:g},".format(bound, *TEMPERATURES)
        warn(f"{reason} none is used: probabilities are as the network gave them.")
        return Temperature(cases=cases, reason=reason)
    network.divide_logits(value)
    before, after = (calibration_of(softmax(logits, each), labels) for each in (1.0, value))
    return Temperature(value, cases, (before.log_loss, after.log_loss), (before.ece, after.ece))
