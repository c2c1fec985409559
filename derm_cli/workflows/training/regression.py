"""Logistic regression with a penalty that inner folds choose: what is fitted where no network is trained."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.engine.logistic_regression import Features, fit_logistic
from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.metrics.calibration import log_losses

CHOICES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""The values of C of which the one with the least log loss over the inner folds is taken."""
FOLDS = 3
"""Inner folds, by group: a patient's photographs are never on both sides."""
UNCHOSEN = 1e-2
"""C where there are too few groups to choose by: hundreds of features of few photographs need much holding down."""


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
    probability.  Raises ValueError where all labels are of one class.
    """
    if len(np.unique(labels)) < 2:
        raise ValueError("The labels are of one class.")
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
    return fit_logistic(features, labels, c=c, classes=classes).probabilities(others)
