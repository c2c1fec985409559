"""Multinomial logistic regression on standardized features: a head's beginning, and a baseline beside a network.

It minimizes ``C · Σ w · log loss + ½ |W|²`` over the weights W of standardized features, with an intercept that nothing
holds down, as scikit-learn has it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Features = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.integer[Any]]

LEAST_SPREAD = 1e-7
"""Of a feature, as a share of its size, under which it is the same for all and tells nothing."""
MOST_STEPS = 1000


@dataclass(frozen=True)
class LinearScores:
    """Scores of classes as ``features @ coefficients + offsets``, of features as they come: nothing to standardize.

    ``coefficients`` are float64 (d, classes), ``offsets`` (classes,); ``present`` are the indices of the classes that
    were seen, and those of the others are 0.
    """

    coefficients: Floats
    offsets: Floats
    present: Labels

    def scores(self, features: Features) -> Floats:
        """Return the scores of ``features`` (n, d), float64 (n, classes)."""
        return features.astype(np.float64) @ self.coefficients + self.offsets

    def probabilities(self, features: Features) -> Floats:
        """Return the probabilities of ``features`` (n, d), float64 (n, classes), 0 for a class that was not seen."""
        from scipy.special import softmax

        probabilities = np.zeros((len(features), len(self.offsets)))
        probabilities[:, self.present] = softmax(self.scores(features)[:, self.present], axis=1)
        return probabilities


def fit_logistic(
    features: Features, labels: Labels, *, c: float, classes: int, weights: Floats | None = None
) -> LinearScores:
    """Fit ``features`` (n, d) to ``labels`` (n,), indices of ``classes`` classes; ``weights`` (classes,) are theirs.

    With labels of one class alone there is nothing to fit, and all is 0.  One core computes it: on several, processes
    that share them wait for each other, and the last bits hang on their number.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    present = np.unique(labels)
    coefficients, offsets = np.zeros((features.shape[1], classes)), np.zeros(classes)
    if len(present) < 2:
        return LinearScores(coefficients, offsets, present)
    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    scale = np.where(spread < LEAST_SPREAD * np.maximum(np.abs(mean), LEAST_SPREAD), 0.0, 1.0)
    scale[scale > 0] /= spread[scale > 0]
    model = LogisticRegression(C=c, max_iter=MOST_STEPS)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit((features - mean) * scale, labels, sample_weight=None if weights is None else weights[labels])
    rows, constants = model.coef_, model.intercept_
    if len(present) == 2:
        # Of two classes scikit-learn has the difference alone.
        rows, constants = np.concatenate([-rows, rows]) / 2, np.concatenate([-constants, constants]) / 2
    coefficients[:, present] = (rows * scale).T
    offsets[present] = constants - mean @ coefficients[:, present]
    return LinearScores(coefficients, offsets, present)
