"""Decision curve: the net benefit of referring by the probability of malignant, beside referring all and nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_NET_BENEFIT
from derm_cli.evaluation.intervals.resampling import (
    Intervals,
    Replicates,
    ResamplingMethod,
    intervals_json,
    point_estimates,
    weights_of_cases,
)
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.confusion import count_cells, ratio
from derm_cli.evaluation.metrics.questions import Question, malignant_question

THRESHOLDS = tuple(percent / 100 for percent in range(1, 51))
"""The probabilities of malignant from which a lesion is referred; more than one half has no use here."""


@dataclass(frozen=True)
class DecisionPoint:
    """Referring every case whose probability of malignant is ``threshold`` or more (Vickers and Elkin 2006).

    Who refers from a probability of t on takes each that is referred in vain for as bad as t / (1 - t) found are good.

    - ``net_benefit``: (found - referred in vain · t / (1 - t)) / cases, at most the share of malignant cases; that of
      referring nobody is 0
    - ``refer_all``: the same where every case is referred
    - ``gain``: ``net_benefit`` less ``refer_all``
    - ``intervals``: those of all three, 95 %
    """

    threshold: float
    net_benefit: float
    refer_all: float
    gain: float
    intervals: Intervals = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the point as JSON values."""
        return {**vars(self), "intervals": intervals_json(self.intervals)}


@dataclass(frozen=True)
class DecisionCurve:
    """The net benefit at each of :data:`THRESHOLDS`, of so many ``cases`` and malignant ones among them.

    Indeterminate lesions are among the cases, and not malignant.  ``no_interval`` says why points have no intervals,
    where that is not for want of draws.
    """

    cases: int
    malignant: int
    points: tuple[DecisionPoint, ...]
    no_interval: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the curve as JSON values."""
        return {
            "cases": self.cases,
            "malignant": self.malignant,
            "no_interval": self.no_interval,
            "points": [point.to_json() for point in self.points],
        }


class DecisionCurveMeasure(Measure[DecisionCurve]):
    """Measures the net benefit of referring by the probability of malignant."""

    name = "decision_curve"

    def __init__(self, question: Question, groups: Indices) -> None:
        """Take the question for malignant, indeterminate lesions among those that are not.

        ``groups`` (n,) are those of all cases of the test part, by which draws are made.
        """
        self.question, self.groups = question, groups
        # In how many of the thresholds' referrals a case is, and whether rightly.
        referrals = np.searchsorted(THRESHOLDS, question.scores, side="right")
        self.cells = referrals * 2 + question.positive

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None without probabilities, or where none is malignant, or all are."""
        question = malignant_question(inputs, with_indeterminate=True)
        return cls(question, inputs.test.patients) if question is not None and question.has_both else None

    def replicates(self, weights: Weights) -> Replicates:
        """Return the net benefits of each draw, (draws, thresholds)."""
        own_weights = weights_of_cases(weights, self.question.cases)
        counts = count_cells(self.cells, (len(THRESHOLDS) + 1, 2), own_weights)
        # Those who are referred at a threshold are in the referrals of as many thresholds, or more.
        referred = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
        cases = referred[:, :1].sum(axis=-1)
        net_benefit, refer_all = (_net_benefit(each, cases) for each in (referred[:, 1:], referred[:, :1]))
        return {"net_benefit": net_benefit, "refer_all": refer_all, "gain": net_benefit - refer_all}

    def result(self, replicates: Replicates, method: ResamplingMethod) -> DecisionCurve:
        """Return the curve, with the intervals that ``replicates`` give, which may be empty."""
        points = point_estimates(self.replicates, len(self.groups))
        drawn = self.question.drawn(replicates, self.groups, method, FEWEST_OF_NET_BENEFIT)
        return DecisionCurve(
            *self.question.counts,
            tuple(
                DecisionPoint(
                    threshold,
                    **{name: float(values[index]) for name, values in points.items()},
                    intervals=drawn.at(index),
                )
                for index, threshold in enumerate(THRESHOLDS)
            ),
            drawn.why,
        )


def _net_benefit(referred: Floats, cases: Floats) -> Floats:
    """Return the net benefit at each threshold of those referred there, (draws, thresholds or 1, 2), vain and found."""
    odds = np.array(THRESHOLDS) / (1 - np.array(THRESHOLDS))
    benefit = referred[..., 1] - referred[..., 0] * odds
    return ratio(benefit, np.broadcast_to(cases, benefit.shape))
