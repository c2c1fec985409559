"""What answers say of the classes: a logistic regression without intercepts, whose logits are added to the network's.

The model is ``p(class | answers)`` proportional to ``prior(class) * exp(answers @ weights)``, with the classes' shares
in training as ``prior`` (half a case is added to each, so that none is impossible).  So the vector of zeros, where
nothing is known, gives the prior, and adds nothing to the logits of a network.  Where photograph and answers are
independent given the class, the sum of both logits is what Bayes' rule has (Jacobs, Methods for combining experts'
probability assessments, Neural Computation 1995).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""The inverse strengths of the L2 penalty that are tried, as scikit-learn's ``C``: larger is less of it."""
FOLDS = 5
COPIES = 4
"""How many copies of each case are fitted beside itself, in each of which some answers are taken for unknown."""
COPIES_WEIGHT = 0.5
"""What all copies of a case weigh together; the case itself weighs the rest of 1."""
MOST_CASES = 5000
"""Cases by which the strength is chosen, at most, drawn at random: of more it matters less."""
FEWEST_GROUPS = 10
"""Patients from which the strength is chosen: with fewer, the strongest penalty but one is taken."""


@dataclass(frozen=True)
class AnswerRegression:
    """The fitted weights, float64 (k, classes), the classes' shares (classes,), and the strength that was chosen."""

    weights: Floats
    prior: Floats
    strength: float

    def probabilities(self, answers: npt.NDArray[np.floating[Any]]) -> Floats:
        """Return the probabilities of each case by its ``answers`` (n, k) alone, (n, classes)."""
        from scipy.special import softmax

        return np.asarray(softmax(np.log(self.prior) + answers.astype(np.float64) @ self.weights, axis=1))


@dataclass(frozen=True)
class _Design:
    """What is fitted: ``values`` (m, k), ``labels`` and ``weights`` (m,), and the ``case`` of each row, (m,)."""

    values: Floats
    labels: Indices
    weights: Floats
    case: Indices

    def of(self, cases: Indices) -> _Design:
        """Return the rows of some of the cases, which are numbered anew, in their order."""
        rows = np.isin(self.case, cases)
        case = np.searchsorted(cases, self.case[rows])
        return _Design(self.values[rows], self.labels[rows], self.weights[rows], case)


def fit_regression(
    answers: npt.NDArray[np.floating[Any]],
    labels: Indices,
    *,
    classes: int,
    questions: Indices,
    groups: Indices,
    seed: int,
) -> AnswerRegression:
    """Fit the regression on encoded ``answers`` (n, k) with ``labels`` (n,) in 0..classes - 1.

    ``questions`` (k,) tells of which question each number is: in copies of the cases whole questions are taken for
    unknown at random, from few to all of them, so that what is learnt of one holds without the others.  The strength
    of the penalty is the one with the least log loss in cross-validation by ``groups`` (n,), the patients.
    """
    design = _with_copies(answers.astype(np.float64), labels, questions, np.random.default_rng(seed))
    strength = _chosen_strength(design, labels, classes, groups, seed)
    prior = _shares(labels, classes)
    return AnswerRegression(_fit(design, prior, strength), prior, strength)


def _with_copies(answers: Floats, labels: Indices, questions: Indices, generator: np.random.Generator) -> _Design:
    """Return the cases and their copies, in which each question is unknown with a chance that each copy draws."""
    count, asked = len(answers), int(questions.max()) + 1
    values = [answers]
    for _ in range(COPIES):
        share = generator.random((count, 1))
        known = generator.random((count, asked)) >= share
        values.append(answers * known[:, questions])
    weights = np.repeat([1 - COPIES_WEIGHT, *[COPIES_WEIGHT / COPIES] * COPIES], count)
    case = np.tile(np.arange(count), 1 + COPIES)
    return _Design(np.concatenate(values), labels[case], weights, case)


def _chosen_strength(design: _Design, labels: Indices, classes: int, groups: Indices, seed: int) -> float:
    from sklearn.model_selection import StratifiedGroupKFold

    if len(np.unique(groups)) < FEWEST_GROUPS:
        return STRENGTHS[1]
    if len(labels) > MOST_CASES:
        drawn = np.sort(np.random.default_rng(seed).choice(len(labels), MOST_CASES, replace=False))
        design, labels, groups = design.of(drawn), labels[drawn], groups[drawn]
    with warnings.catch_warnings():
        # Of classes with fewer cases than folds: some folds are without them then.
        warnings.simplefilter("ignore")
        splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
        try:
            folds = list(splitter.split(labels, labels, groups))
        except ValueError:
            # No class has a case for each fold.
            return STRENGTHS[1]
    losses = np.zeros(len(STRENGTHS))
    for fitted, held_out in folds:
        prior, beyond = _shares(labels[fitted], classes), design.of(held_out)
        for index, strength in enumerate(STRENGTHS):
            losses[index] += _loss(_fit(design.of(fitted), prior, strength), beyond, prior)[0]
    return STRENGTHS[int(losses.argmin())]


def _shares(labels: Indices, classes: int) -> Floats:
    """Return the share of each class, (classes,), with half a case added to each (the prior of Jeffreys)."""
    return np.asarray((np.bincount(labels, minlength=classes) + 0.5) / (len(labels) + 0.5 * classes))


def _fit(design: _Design, prior: Floats, strength: float) -> Floats:
    """Return the weights (k, classes) of least weighted log loss and penalty ``|weights|^2 / (2 strength)``."""
    from scipy.optimize import minimize

    shape = (design.values.shape[1], len(prior))

    def objective(flat: Floats) -> tuple[float, Floats]:
        loss, gradient = _loss(flat.reshape(shape), design, prior)
        return loss + float(flat @ flat) / (2 * strength), gradient.reshape(-1) + flat / strength

    start, options = np.zeros(shape).reshape(-1), {"maxiter": 1000, "gtol": 1e-6}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x.reshape(shape))


def _loss(weights: Floats, design: _Design, prior: Floats) -> tuple[float, Floats]:
    """Return the weighted sum of log losses, in nats, and its gradient by the weights, (k, classes)."""
    from scipy.special import log_softmax

    logits = log_softmax(np.log(prior) + design.values @ weights, axis=1)
    rows = np.arange(len(design.labels))
    residuals = np.exp(logits)
    residuals[rows, design.labels] -= 1
    loss = -(design.weights * logits[rows, design.labels]).sum()
    return float(loss), design.values.T @ (residuals * design.weights[:, np.newaxis])
