"""Calibration: whether a probability means what it says, and the temperature that mends it where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.intervals.effective_cases import Sample, interval_of_hits
from derm_cli.evaluation.intervals.resampling import (
    Interval,
    Intervals,
    Replicates,
    ResamplingMethod,
    counted_word,
    intervals_json,
)
from derm_cli.evaluation.intervals.t_intervals import mean_interval
from derm_cli.evaluation.measure import EvaluationInput, Measure

BINS = 15
SMALLEST = float(np.finfo(np.float64).eps)
"""What a probability is at least when its logarithm is taken, as in scikit-learn's ``log_loss`` of float64.
A certain mistake costs 36 nats, not infinitely many."""
TEMPERATURES = (0.05, 20.0)
AT_BOUND = 0.01
"""How near to a bound, as a share of it, a temperature counts as at it: beyond may lie a better one."""


@dataclass(frozen=True)
class Bin:
    """The cases of a confidence above ``low`` and up to ``high``: how many, mean confidence and accuracy.

    ``interval`` is that of the accuracy, 95 %, None where it was not asked for, or the cases are too few.
    """

    low: float
    high: float
    cases: int
    confidence: float
    accuracy: float
    interval: Interval | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the bin as JSON values."""
        return {**vars(self), "interval": self.interval and self.interval.to_json()}


@dataclass(frozen=True)
class Calibration:
    """The calibration of a classifier: how far its confidence and its accuracy are apart.

    - ``bins``: the reliability diagram of the most probable class, bins of equal width, each with its upper edge and
      without its lower one (Guo et al., ICML 2017, section 2), empty ones left out
    - ``ece``: expected calibration error, the mean distance of accuracy and confidence over cases (Guo et al., ICML
      2017, equation 3)
    - ``brier``: the mean squared distance of the probabilities from the truth, summed over classes, 0..2 (Brier 1950)
    - ``log_loss``: the mean of -ln of the probability of the true class, in nats
    - ``intervals``: those of ``brier`` and ``log_loss``, 95 %; the draws' ``ece`` is larger than the table's own, for
      chance alone pulls accuracy and confidence apart, so it has none
    - ``no_interval``: why both have none, where that is not for want of draws
    """

    bins: tuple[Bin, ...]
    ece: float
    brier: float
    log_loss: float
    intervals: Intervals = field(default_factory=dict)
    no_interval: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            **vars(self),
            "bins": [each.to_json() for each in self.bins],
            "intervals": intervals_json(self.intervals),
        }


class CalibrationMeasure(Measure[Calibration]):
    """Measures calibration: expected calibration error, Brier score and log loss."""

    name = "calibration"

    def __init__(self, probabilities: Floats, truth: Indices, groups: Indices | None = None) -> None:
        """Take ``probabilities`` (n, classes), none of them NaN, and the true classes' indices, (n,).

        ``groups`` (n,) are the numbers of the cases' patients, None where each has one.
        """
        self.probabilities, self.truth = probabilities, truth
        self.groups = np.arange(len(truth)) if groups is None else groups

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        if inputs.probabilities is None:
            return None
        return cls(inputs.probabilities, inputs.truth, inputs.test.patients)

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Calibration:
        """Return the calibration, with the intervals that ``replicates`` give, which may be empty."""
        if not replicates:
            return calibration_of(self.probabilities, self.truth)
        calibration = calibration_of(self.probabilities, self.truth, groups=self.groups)
        scores = {
            "brier": squared_distances(self.probabilities, self.truth),
            "log_loss": log_losses(self.probabilities, self.truth),
        }
        intervals, why = score_intervals_of(scores, self.truth, self.groups, method)
        return replace(calibration, intervals=intervals, no_interval=why)


def score_intervals_of(
    scores: Mapping[str, Floats], truth: Indices, groups: Indices, method: ResamplingMethod
) -> tuple[Intervals, str | None]:
    """Return the intervals of the means of ``scores``, each (n,) and above 0, or why there are none.

    ``truth`` (n,) are the true classes, ``groups`` (n,) the patients.  Scores depend on how frequent classes are, which
    few patients' cases do not tell.
    """
    word, everyone, others = counted_word(method), Sample.of_cases(groups), len(truth) - int(np.bincount(truth).max())
    of = " of other classes than the most frequent"
    if why := everyone.too_few(word) or everyone.mixed_too_little(others, word, of):
        return {}, why
    return {name: mean_interval(each, groups) for name, each in scores.items()}, None


def calibration_of(
    probabilities: Floats, truth: Indices, bins: int = BINS, groups: Indices | None = None
) -> Calibration:
    """Compare ``probabilities`` (n, classes), none of them NaN, with the true classes' indices, (n,).

    With ``groups`` (n,), the numbers of the cases' patients, the bins have intervals.
    """
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    # An edge is the number that its fraction is nearest to, so that a confidence of 0.6 is on that of 9/15.
    bin_indices = np.searchsorted(np.arange(1, bins) / bins, confidence)
    filled = []
    for bin_index in np.unique(bin_indices):
        inside = bin_indices == bin_index
        filled.append(
            Bin(
                bin_index / bins,
                (bin_index + 1) / bins,
                int(inside.sum()),
                float(confidence[inside].mean()),
                float(correct[inside].mean()),
                None if groups is None else interval_of_hits(correct[inside], groups[inside]),
            )
        )
    distance = sum(each.cases * abs(each.accuracy - each.confidence) for each in filled)
    return Calibration(
        tuple(filled),
        distance / len(truth),
        float(squared_distances(probabilities, truth).mean()),
        float(log_losses(probabilities, truth).mean()),
    )


def squared_distances(probabilities: Floats, truth: Indices) -> Floats:
    """Return each case's squared distance of its probabilities from the truth, (n,), 0..2."""
    one_hot = np.zeros_like(probabilities)
    one_hot[np.arange(len(truth)), truth] = 1.0
    return np.asarray(np.square(probabilities - one_hot).sum(axis=1))


def log_losses(probabilities: Floats, truth: Indices) -> Floats:
    """Return each case's -ln of the probability of its true class, (n,), in nats; of :data:`SMALLEST` at least."""
    of_truth = probabilities[np.arange(len(truth)), truth]
    return np.asarray(-np.log(np.clip(of_truth, SMALLEST, 1 - SMALLEST)))


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return the probabilities of logits divided by ``temperature``, (n, classes) (Guo et al., ICML 2017, equation 9).

    The order of the classes stays, whatever the temperature.
    """
    from scipy import special

    return np.asarray(special.softmax(logits / temperature, axis=1))


def fit_temperature(logits: Floats, truth: Indices) -> float:
    """Return the temperature in 0.05..20 with the least log loss of ``logits``, (n, classes), for ``truth``, (n,).

    Of logits, not of probabilities: those of a network that is very sure are all 0 and 1 in float32.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    cases = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(logits / np.exp(log_temperature), axis=1)[cases, truth].mean())

    low, high = np.log(TEMPERATURES)
    minimum = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(minimum.x))


def temperature_bound(temperature: float) -> float | None:
    """Return the bound of :data:`TEMPERATURES` that a fitted temperature lies at, None where it lies between them."""
    return next((bound for bound in TEMPERATURES if abs(temperature - bound) <= AT_BOUND * bound), None)
