"""Logistic regression whose penalty is chosen within the training part."""

from __future__ import annotations

import warnings

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices, Strings
from derm_cli.evaluation.metrics.calibration import log_losses

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""What scikit-learn calls C, tried in turn."""
INNER_FOLDS = 3


def regressed(features: Floats, labels: Indices, groups: Strings, test: Flags, *, classes: int, seed: int) -> Floats:
    """Return the probabilities, (m, classes), of the cases that are ``test`` by a regression on the others.

    ``features`` are (n, d), ``labels`` and ``groups`` (n,).  The penalty with the least log loss over inner folds by
    group is taken.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    train = np.flatnonzero(~test)
    splitter = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A class of fewer than three patients is in some inner folds alone, which is no reason to stop.
        warnings.simplefilter("ignore", UserWarning)
        inner = list(splitter.split(features[train], labels[train], groups[train]))

    def loss(strength: float) -> float:
        losses = [
            log_losses(
                _fitted(strength, features[train[fitted]], labels[train[fitted]], features[train[judged]], classes),
                labels[train[judged]],
            )
            for fitted, judged in inner
        ]
        return float(np.concatenate(losses).mean())

    best = min(STRENGTHS, key=loss)
    return _fitted(best, features[train], labels[train], features[test], classes)


def _fitted(strength: float, features: Floats, labels: Indices, others: Floats, classes: int) -> Floats:
    """Return the probabilities of ``others`` by a regression on standardized ``features``; 0 of a class without any."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000))
    model.fit(features, labels)
    probabilities = np.zeros((len(others), classes))
    probabilities[:, model.classes_] = model.predict_proba(others)
    return probabilities
