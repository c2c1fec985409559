"""Sensitivity at a specificity that is given, and the partial AUC down to there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.intervals.resampling import (
    Interval,
    Intervals,
    Replicates,
    ResamplingMethod,
    intervals_json,
    point_estimates,
    weights_of_cases,
)
from derm_cli.evaluation.intervals.t_intervals import Transformation
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.confusion import ratio
from derm_cli.evaluation.metrics.questions import Question, Questions

DEVIATIONS = 6.0
"""How many standard deviations of a draw's specificity the cases go beyond the one that is given."""


@dataclass(frozen=True)
class PartialAuc:
    """The upper end of a ROC curve, of ``cases`` with so many ``positives``; None without cases on both sides.

    - ``no_interval`` says why there are no ``intervals``, where that is not for want of draws
    - ``sensitivity``: that of the curve at the specificity that is given; between two thresholds it is a line
    - ``partial_auc``: the area below the curve from there to a specificity of 1, as McClish standardizes it (Medical
      Decision Making 1989): 0.5 is chance, 1 is without a mistake
    """

    cases: int
    positives: int
    sensitivity: float | None
    partial_auc: float | None
    intervals: Intervals = field(default_factory=dict)
    no_interval: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**vars(self), "intervals": intervals_json(self.intervals)}


@dataclass(frozen=True)
class PartialAucs:
    """Both at ``specificity``, in 0..1, ``per_class`` against all others and for ``malignant`` against benign.

    Indeterminate lesions are left out of the latter, as in triage; None where no severity is known.
    """

    specificity: float
    per_class: Mapping[str, PartialAuc]
    malignant: PartialAuc | None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            "specificity": self.specificity,
            "per_class": {name: each.to_json() for name, each in self.per_class.items()},
            "malignant": self.malignant and self.malignant.to_json(),
        }


class PartialAucMeasure(Measure[PartialAucs]):
    """Measures the sensitivity at a specificity and the partial AUC, by class and for malignant."""

    name = "partial_auc"

    def __init__(self, questions: Questions, specificity: float) -> None:
        """Take the questions, and a specificity in 0..1."""
        self.questions, self.specificity, self.cases = questions, specificity, len(questions.groups)
        self.curves = [_UpperCurve.of(each, 1 - specificity, questions.groups) for each in questions.all]
        self.sides = np.stack([side for each in questions.all for side in _sides(each, self.cases)], axis=1)

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        questions = Questions.of(inputs, with_indeterminate=False)
        return None if questions is None else cls(questions, inputs.assumptions.specificity)

    def replicates(self, weights: Weights) -> Replicates:
        """Return both of each question in each draw, (draws, questions)."""
        sides = (weights @ self.sides).astype(np.float64)
        found = [
            curve.at_specificity(weights, sides[:, 2 * index], sides[:, 2 * index + 1])
            for index, curve in enumerate(self.curves)
        ]
        sensitivity, partial_auc = (np.stack(each, axis=1) for each in zip(*found, strict=True))
        return {"sensitivity": sensitivity, "partial_auc": partial_auc}

    def result(self, replicates: Replicates, method: ResamplingMethod) -> PartialAucs:
        """Return the metrics, with the intervals that ``replicates`` give, which may be empty."""
        points = point_estimates(self.replicates, self.cases)
        found = []
        for index, question in enumerate(self.questions.all):
            of_draws = {name: values for name, values in replicates.items() if name != "partial_auc"}
            drawn = question.drawn(of_draws, self.questions.groups, method)
            figures = none_if_nan(points["sensitivity"][index]), none_if_nan(points["partial_auc"][index])
            intervals = drawn.at(index)
            if figures[1] is not None and intervals:
                intervals["partial_auc"] = partial_auc_interval(
                    figures[1], question, 1 - self.specificity, self.questions.groups
                )
            found.append(PartialAuc(*question.counts, *figures, intervals, drawn.why))
        return PartialAucs(self.specificity, *self.questions.by_class(found))


def partial_auc_interval(value: float, question: Question, share: float, groups: Indices) -> Interval:
    """Return the interval of a standardized partial AUC of the ``share`` of negatives with the highest scores.

    ``groups`` (n,) are all cases' patients.  A positive adds what is left of the share by the negatives above it, and
    a negative takes as much of those positives that it is above (Dodd and Pepe, Biometrics 2003).
    """
    positive, scores = question.positive, question.scores
    own, others = np.sort(scores[positive]), np.sort(scores[~positive])
    upto, below = (others.searchsorted(own, side) for side in ("right", "left"))
    # Of those with the same score half are above.
    above = (2 * len(others) - upto - below) / (2 * len(others))
    room, reached = np.maximum(share - above, 0), above < share
    area = float(room.mean())
    influence = np.empty(len(scores))
    influence[positive] = (room - area)[own.searchsorted(scores[positive])] / len(own)
    taken = own[reached].searchsorted(scores[~positive], "left") / len(own)
    influence[~positive] = (float((above * reached).mean()) - taken) / len(others)
    least, most = share**2 / 2, share
    # Doubled, and less one: 0 is chance, 1 without a mistake.  No share's variance is larger than that of hits.
    unit = 1 / (most - least)
    groups_of = np.unique(groups[question.cases[positive]])
    reach = (area / share * len(groups_of) + 0.2) / (len(groups_of) + 0.4)
    variance = (share * unit) ** 2 * reach * (1 - reach) / len(own)
    found = question.t_interval(2 * value - 1, influence * unit, variance, groups, Transformation.LOG_OF_REST)
    lowest = (1 - least * unit) / 2
    return replace(found, low=max((found.low + 1) / 2, lowest), high=(found.high + 1) / 2)


def _sides(question: Question, cases: int) -> tuple[Weights, Weights]:
    """Return 1 for each positive, and for each negative, of all cases, (n,), 0 for all others."""
    positive, negative = np.zeros(cases, dtype=np.float32), np.zeros(cases, dtype=np.float32)
    positive[question.cases[question.positive]] = 1
    negative[question.cases[~question.positive]] = 1
    return positive, negative


@dataclass(frozen=True)
class _UpperCurve:
    """The upper end of a question's ROC curve: the cases of the highest scores, so that each draw only weighs them.

    ``negative`` (m,) and ``positive`` (p,) are cases by falling score.  Of each positive, ``above`` (p,) counts the
    negatives with a higher score, ``upto`` (p,) those with no lower one.
    """

    share: float
    negative: Indices
    positive: Indices
    above: Indices
    upto: Indices

    @classmethod
    def of(cls, question: Question, share: float, groups: Indices) -> _UpperCurve:
        """Take the cases above the ``share`` of negatives with the highest scores, in any draw that can be made."""
        sizes = np.bincount(groups[question.cases[~question.positive]]).astype(np.float64)
        total = sizes.sum()
        # That of a share of cases that are all alike within a group: no draw's can be wider.
        deviation = np.sqrt(share * (1 - share) * (sizes**2).sum()) / total if total else 0.0
        negative, positive = (_falling(question, side) for side in (False, True))
        last = min(len(negative), int(np.ceil((share + DEVIATIONS * deviation) * total)) + 1)
        own, others = (question.scores[each] for each in (positive, negative))
        kept = own >= others[last - 1] if last and last < len(others) else np.ones(len(own), dtype=bool)
        last = int(np.searchsorted(-others, -others[last - 1], "right")) if last else 0
        positive, negative = positive[kept], negative[:last]
        above, upto = (np.searchsorted(-others[:last], -own[kept], side) for side in ("left", "right"))
        return cls(share, question.cases[negative], question.cases[positive], above, upto)

    def at_specificity(self, weights: Weights, positives: Floats, negatives: Floats) -> tuple[Floats, Floats]:
        """Return sensitivity and standardized partial AUC of each draw, (draws,), of so many ``positives``, (draws,).

        A positive is above every negative that is below it; in a group of the same scores the curve is a line.
        """
        sums = np.zeros((len(self.negative) + 1, len(weights)))
        np.cumsum(weights.T[self.negative], axis=0, out=sums[1:])
        limit = self.share * negatives
        start, width = sums[self.above], sums[self.upto]
        width -= start
        # How far the limit is beyond the negatives above: rounding must not keep out what stands on the line itself.
        room = limit - start
        on_line = room >= -1e-9 * np.maximum(negatives, 1)
        np.maximum(room, 0, out=room)
        own = weights_of_cases(weights, self.positive).T.astype(np.float64)
        tied = width > 0
        reached = np.where(tied, np.minimum(1, room / np.where(tied, width, 1)), on_line)
        area = reached * (room - np.minimum(room, width) / 2)
        sensitivity = ratio(np.einsum("pd,pd->d", own, reached), positives)
        partial = ratio(np.einsum("pd,pd->d", own, area), positives * negatives)
        least, most = self.share**2 / 2, self.share
        undefined = (positives == 0) | (negatives == 0)
        standardized = (1 + (partial - least) / (most - least)) / 2 if most > least else np.full(len(weights), np.nan)
        return np.where(undefined, np.nan, sensitivity), np.where(undefined, np.nan, standardized)


def _falling(question: Question, positive: bool) -> Indices:
    """Return the places among the question's cases of one side, by falling score."""
    places = np.flatnonzero(question.positive == positive)
    return np.asarray(places[np.argsort(-question.scores[places], kind="stable")])
