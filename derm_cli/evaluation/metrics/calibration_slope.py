"""Calibration slope and intercept: by how much probabilities are too extreme, and too high or too low altogether."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Weights
from derm_cli.evaluation.intervals.resampling import Intervals, Replicates, ResamplingMethod, intervals_json
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.confusion import ratio
from derm_cli.evaluation.metrics.questions import Question, Questions

LEAST = 1e-8
"""What a probability, and what is left of it to 1, is at least when its log odds are taken."""
STEPS = 100
"""Newton's steps at most; a slope that takes more is none."""
NEAR = 1e-7
"""A step after which there is no need of another: the next is its square."""
_SUMS = 9
"""Sums over cases that a question needs of each draw."""


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
        self.questions, self.fits = questions, [_Fit.of(each) for each in questions.all]
        self.terms = np.zeros((len(questions.groups), len(self.fits) * _SUMS), dtype=np.float32)
        for index, (question, fit) in enumerate(zip(questions.all, self.fits, strict=True)):
            self.terms[question.cases, index * _SUMS : (index + 1) * _SUMS] = fit.terms

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None unless they have a probability of every class."""
        questions = Questions.of(inputs, with_indeterminate=True)
        return None if questions is None else cls(questions)

    def replicates(self, weights: Weights) -> Replicates:
        """Return both of each question in each draw, (draws, questions): one step of Newton's from those of the table.

        One step is near enough for a bootstrap (Davidson and MacKinnon, International Economic Review 1999), finite
        where a draw's own slope would not be, and for all cases and draws a product of two matrices.
        """
        sums = (weights @ self.terms).astype(np.float64).reshape(len(weights), len(self.fits), _SUMS)
        cases, positives, error, spread, pull, tilt, weight, first, second = np.moveaxis(sums, -1, 0)
        has_both = (positives > 0) & (positives < cases)
        intercepts, slopes = (np.array([getattr(fit, name) for fit in self.fits]) for name in ("intercept", "slope"))
        moment = ratio(first, weight)
        return {
            "intercept": np.where(has_both, intercepts + ratio(error, spread), np.nan),
            "slope": np.where(has_both, slopes + ratio(tilt - moment * pull, second - moment * first), np.nan),
        }

    def result(self, replicates: Replicates, method: ResamplingMethod) -> CalibrationSlopes:
        """Return the slopes and intercepts, with the intervals that ``replicates`` give, which may be empty."""
        slopes = []
        for index, (question, fit) in enumerate(zip(self.questions.all, self.fits, strict=True)):
            drawn = question.drawn(replicates, self.questions.groups, method)
            figures = none_if_nan(fit.slope), none_if_nan(fit.intercept)
            slopes.append(CalibrationSlope(*question.counts, *figures, drawn.at(index), drawn.why))
        return CalibrationSlopes(*self.questions.by_class(slopes))


@dataclass(frozen=True)
class _Fit:
    """The slope and intercept of a question's cases, NaN where there is none, and ``terms`` (m, 9) of each case.

    Sums of the terms over a draw's cases are what a step of Newton's needs there.
    """

    slope: float
    intercept: float
    terms: Floats

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
        # About their mean, so that squares do not cancel.
        centred = odds - (weight @ odds / weight.sum() if weight.any() else 0.0)
        terms = (
            *(np.ones(len(odds)), truth, truth - shifted, shifted * (1 - shifted)),
            *(truth - recalibrated, (truth - recalibrated) * centred),
            *(weight, weight * centred, weight * centred**2),
        )
        return cls(float(slope), float(shift), np.nan_to_num(np.stack(terms, axis=1)))


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
