"""Whether a probability means what it says: reliability, scores, and the temperature that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS = 15
SMALLEST = 1e-12
"""What a probability is at least when its logarithm is taken: a certain mistake must not cost infinitely much."""
TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True)
class Bin:
    """The cases whose confidence lies in ``low``..``high``: how many, their mean confidence and their accuracy."""

    low: float
    high: float
    cases: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far confidence and accuracy are apart.

    - ``bins``: the reliability diagram of the most probable class, bins of equal width, empty ones left out
    - ``ece``: expected calibration error, the mean distance of accuracy and confidence over cases (Guo et al., ICML
      2017, equation 3)
    - ``brier``: the mean squared distance of the probabilities from the truth, summed over classes, 0..2 (Brier 1950)
    - ``log_loss``: the mean of -ln of the probability of the true class, in nats
    """

    bins: tuple[Bin, ...]
    ece: float
    brier: float
    log_loss: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {**vars(self), "bins": [vars(each) for each in self.bins]}


def calibration_of(probabilities: Floats, truth: npt.NDArray[np.intp], bins: int = BINS) -> Calibration:
    """Compare ``probabilities`` (n, classes), none of them NaN, with the true classes' places, (n,)."""
    cases = np.arange(len(truth))
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    found = []
    for place in np.unique(places):
        inside = places == place
        found.append(
            Bin(
                place / bins,
                (place + 1) / bins,
                int(inside.sum()),
                float(confidence[inside].mean()),
                float(right[inside].mean()),
            )
        )
    distance = sum(each.cases * abs(each.accuracy - each.confidence) for each in found)
    wanted = np.zeros_like(probabilities)
    wanted[cases, truth] = 1.0
    return Calibration(
        tuple(found),
        distance / len(truth),
        float(np.square(probabilities - wanted).sum(axis=1).mean()),
        float(-np.log(np.maximum(probabilities[cases, truth], SMALLEST)).mean()),
    )


def with_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return the probabilities of a softmax whose logits are divided by ``temperature`` (Guo et al., ICML 2017).

    Nothing but the probabilities is needed: they are the logits but for a constant a case.  The order of the classes
    stays.
    """
    if temperature == 1.0:
        return probabilities
    logits = np.log(np.maximum(probabilities, SMALLEST)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit_temperature(probabilities: Floats, truth: npt.NDArray[np.intp]) -> float:
    """Return the temperature in 0.05..20 with the least log loss on ``probabilities``, (n, classes), and ``truth``."""
    from scipy.optimize import minimize_scalar

    def loss(logarithm: float) -> float:
        return calibration_of(with_temperature(probabilities, float(np.exp(logarithm))), truth, 1).log_loss

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))
