"""Calibration slope and intercept: by how much probabilities are too extreme, and too high or too low altogether."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.intervals.resampling import (
    Intervals,
    Replicates,
    ResamplingMethod,
    counted_word,
    intervals_json,
)
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.questions import Question, Questions

LEAST = 1e-8
"""What a probability, and what is left of it to 1, is at least when its log odds are taken."""
STEPS = 100
"""Newton's steps at most; a slope that takes more is none."""
NEAR = 1e-7
"""A step after which there is no need of another: the next is its square."""


@dataclass(frozen=True)
class CalibrationSlope:
    """The logistic recalibration of a probability, of ``cases`` with so many ``positives`` (Cox, Biometrika 1958).

    ``slope``: that of the log odds of being positive over the log odds of the probability: 1 where it means what it
    says, less where it is too extreme, more where it is too moderate.  ``intercept``: what has to be added to the log
    odds, with a slope of 1, so that as many are expected as there are (calibration in the large): 0 is right, below 0
    the probabilities are too high.  Both None without cases on both sides; the slope also where the probabilities tell
    both sides apart without a mistake, or are all the same, since none is then the best.  ``no_interval`` says why they
    have no ``intervals``, where that is not for want of draws.
    """

    cases: int
    positives: int
    slope: float | None
    intercept: float | None
    intervals: Intervals = field(default_factory=dict)
    no_interval: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**vars(self), "intervals": intervals_json(self.intervals)}


@dataclass(frozen=True)
class CalibrationSlopes:
    """The slope and intercept ``per_class``, each against all others, and of ``malignant`` against all else.

    The latter is the sum of the probabilities of the malignant classes; None where no severity is known.
    """

    per_class: Mapping[str, CalibrationSlope]
    malignant: CalibrationSlope | None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            "per_class": {name: each.to_json() for name, each in self.per_class.items()},
            "malignant": self.malignant and self.malignant.to_json(),
        }


class CalibrationSlopeMeasure(Measure[CalibrationSlopes]):
    """Measures calibration slope and intercept, by class and for malignant."""

    name = "calibration_slope"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        questions = Questions.of(inputs, with_indeterminate=True)
        return None if questions is None else cls(questions)

    def result(self, replicates: Replicates, method: ResamplingMethod) -> CalibrationSlopes:
        """Return the slopes and intercepts, with intervals unless ``replicates`` are empty."""
        word, groups = counted_word(method) if replicates else None, self.questions.groups
        slopes = [_of_question(each, groups, word) for each in self.questions.all]
        return CalibrationSlopes(*self.questions.by_class(slopes))


def _of_question(question: Question, groups: Indices, word: str | None) -> CalibrationSlope:
    """Return slope and intercept of a question; without a ``word`` for patients they have no intervals."""
    fit = _Fit.of(question)
    figures = *question.counts, none_if_nan(fit.slope.value), none_if_nan(fit.intercept.value)
    if word is None or not question.has_both:
        return CalibrationSlope(*figures)
    if why := question.too_few(groups, word):
        return CalibrationSlope(*figures, no_interval=why)
    intervals = {
        name: question.t_interval(each.value, each.influence, each.variance, groups)
        for name, each in (("intercept", fit.intercept), ("slope", fit.slope))
        if np.isfinite(each.value)
    }
    return CalibrationSlope(*figures, intervals)


@dataclass(frozen=True)
class _Coefficient:
    """A coefficient of a logistic regression, NaN where there is none, and the ``influence`` of each case, (m,).

    The influence is the case's part of a step of Newton's from the fit: its score times the inverse of the information
    (White, Econometrica 1982).  ``variance`` is that inverse: of independent cases, if the fit is true.
    """

    value: float
    influence: Floats
    variance: float

    @classmethod
    def of(cls, value: float, score: Floats, information: float) -> _Coefficient:
        """Return that of the cases' ``score``, (m,), and the information of all."""
        return cls(value, score / information, 1 / information) if information > 0 else cls(value, score * 0, 0.0)


@dataclass(frozen=True)
class _Fit:
    """The slope and intercept of a question's cases."""

    slope: _Coefficient
    intercept: _Coefficient

    @classmethod
    def of(cls, question: Question) -> _Fit:
        from scipy.special import expit, logit

        odds = logit(np.clip(question.scores, LEAST, 1 - LEAST))
        truth = question.positive.astype(np.float64)
        shift = slope = above = np.nan
        if question.has_both:
            (shift,) = _logistic(np.ones((len(odds), 1)), odds, truth, np.zeros(1))
            if not _told_apart(odds[question.positive], odds[~question.positive]):
                design = np.stack([np.ones(len(odds)), odds], axis=1)
                above, slope = _logistic(design, np.zeros(len(odds)), truth, np.array([shift, 1.0]))
        shifted, recalibrated = expit(odds + shift), expit(above + slope * odds)
        weight = recalibrated * (1 - recalibrated)
        # About their mean, where both coefficients do not depend on each other.
        centred = odds - (weight @ odds / weight.sum() if weight.any() else 0.0)
        return cls(
            _Coefficient.of(float(slope), (truth - recalibrated) * centred, float(weight @ centred**2)),
            _Coefficient.of(float(shift), truth - shifted, float((shifted * (1 - shifted)).sum())),
        )


def _told_apart(positive: Floats, negative: Floats) -> bool:
    """Tell whether log odds have no finite slope: they part both sides, whichever is above, or are all the same."""
    return bool(positive.min() >= negative.max() or positive.max() <= negative.min())


def _logistic(design: Floats, offset: Floats, truth: Floats, start: Floats) -> Floats:
    """Return the coefficients of the logistic regression of ``truth`` (m,), 0 or 1, on ``design`` (m, k), (k,).

    ``offset`` (m,) is added to the log odds as it is.  By Newton's method from ``start`` (k,), each step halved until
    it makes nothing worse; NaN where :data:`STEPS` are not enough.
    """
    from scipy.special import expit

    def loss(odds: Floats) -> float:
        return float(np.logaddexp(0, odds).sum() - truth @ odds)

    found, odds = start, offset + design @ start
    least = loss(odds)
    for _ in range(STEPS):
        probabilities = expit(odds)
        weight = probabilities * (1 - probabilities)
        try:
            step = np.linalg.solve(design.T @ (design * weight[:, np.newaxis]), design.T @ (truth - probabilities))
        except np.linalg.LinAlgError:
            break
        if np.abs(step).max() < NEAR:
            return np.asarray(found + step)
        while True:
            odds = offset + design @ (found + step)
            reached = loss(odds)
            if reached <= least or np.abs(step).max() < NEAR:
                break
            step = step / 2
        found, least = found + step, reached
    return np.full(design.shape[1], np.nan)
