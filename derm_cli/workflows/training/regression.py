"""Logistic regression: what is fitted on features of photographs, or on answers, where no network is trained.

It minimizes ``C · Σ log loss + ½ |W|²`` over the weights W of standardized features (multinomial, with an intercept
that nothing holds down), as scikit-learn has it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.metrics.calibration import log_losses

Features = npt.NDArray[np.floating[Any]]

CHOICES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""The values of C of which the one with the least log loss over the inner folds is taken."""
FOLDS = 3
"""Inner folds, by group: a patient's photographs are never on both sides."""
UNCHOSEN = 1e-2
"""C where there are too few groups to choose by: hundreds of features of few photographs need much holding down."""
MOST_STEPS = 1000


@dataclass(frozen=True)
class Regression:
    """A fitted regression's ``probabilities`` of other cases, float64 (m, classes), its ``c``, and who chose that."""

    probabilities: Floats
    c: float
    is_chosen: bool


def regress(
    features: Features, labels: Indices, groups: npt.NDArray[Any], others: Features, *, classes: int, seed: int
) -> Regression:
    """Fit a regression on ``features`` (n, d) with ``labels`` (n,), class indices, and answer ``others`` (m, d).

    C is chosen by folds that keep ``groups`` (n,) together, drawn from ``seed``.  A class without a label is given no
    probability.  Raises ValueError where all labels are of one class.  One core computes it: on several, processes that
    share them wait for each other, and the last bits hang on their number.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        folds = list(_folds(labels, groups, seed))
        c = min(CHOICES, key=lambda each: _mean_loss(each, features, labels, folds, classes)) if folds else UNCHOSEN
        return Regression(_answers(c, features, labels, others, classes), c, bool(folds))


def _folds(labels: Indices, groups: npt.NDArray[Any], seed: int) -> Iterator[tuple[Indices, Indices]]:
    """Yield the cases of each inner fold that are fitted and those that are judged; none where groups are too few."""
    from sklearn.model_selection import StratifiedGroupKFold

    numbers = np.unique(groups, return_inverse=True)[1].ravel()
    if numbers.max() + 1 < 2 * FOLDS:
        return
    with warnings.catch_warnings():
        # A class of fewer groups than folds is missing in some of them, which costs every C the same.
        warnings.simplefilter("ignore", UserWarning)
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(numbers, labels, numbers)
        parts = [(fitted, judged) for fitted, judged in folds if len(judged) and len(np.unique(labels[fitted])) > 1]
    yield from parts


def _mean_loss(
    c: float, features: Features, labels: Indices, folds: list[tuple[Indices, Indices]], classes: int
) -> float:
    losses = [
        log_losses(_answers(c, features[fitted], labels[fitted], features[judged], classes), labels[judged])
        for fitted, judged in folds
    ]
    return float(np.concatenate(losses).mean())


def _answers(c: float, features: Features, labels: Indices, others: Features, classes: int) -> Floats:
    """Return the probabilities of ``others``, float64 (m, classes), by a regression that is fitted on ``features``."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    # What is the same for all tells nothing, and stays 0.
    spread[spread < 1e-7 * np.maximum(np.abs(mean), 1e-7)] = 1.0
    model = LogisticRegression(C=c, max_iter=MOST_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit((features - mean) / spread, labels)
    probabilities = np.zeros((len(others), classes))
    probabilities[:, model.classes_] = model.predict_proba((others - mean) / spread)
    return probabilities
