"""Synthetic predictions tables for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from derm_cli.evaluation.baseline_predictions import BaselinePredictions, with_probabilities
from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.predictions import Predictions


def random_table(seed: int, cases: int, classes: int, *, decimals: int = 2, per_patient: int = 1) -> Predictions:
    """Return a table in which every class has a case and a prediction, with ties among the probabilities.

    With ``per_patient`` cases a patient, these are alike: all are right or all are wrong.
    """
    rng = np.random.default_rng(seed)
    names = np.array([f"C{i:02}" for i in range(classes)])
    truth = np.concatenate([np.arange(classes), rng.integers(classes, size=cases - classes)])
    scores = rng.gamma(1.0, size=(cases, classes)).round(decimals)
    scores[np.arange(cases), truth] += 0.5
    scores[np.arange(classes), np.arange(classes)] += 100
    metadata = {}
    if per_patient > 1:
        first = np.arange(cases) // per_patient * per_patient
        truth, scores = truth[first], scores[first]
        metadata = {"patient": np.array([f"P{case}" for case in first])}
    return Predictions(
        classes=tuple(names.tolist()),
        case_ids=tuple(map(str, range(cases))),
        labels=names[truth],
        predictions=names[scores.argmax(axis=1)],
        probabilities=scores / scores.sum(axis=1, keepdims=True),
        metadata=metadata,
    )


def small(labels: str, predictions: str, classes: str, probabilities: object = None, **metadata: str) -> Predictions:
    """Return a table whose classes, labels and predictions are letters; ``metadata`` gives a letter a case too."""
    columns = {name: np.array([each.replace(".", "") for each in letters]) for name, letters in metadata.items()}
    return Predictions(
        classes=tuple(classes),
        case_ids=tuple(map(str, range(len(labels)))),
        labels=np.array(list(labels)),
        predictions=np.array(list(predictions)),
        probabilities=None if probabilities is None else np.array(probabilities, dtype=float),
        metadata=columns,
    )


def made_baselines(test: Predictions) -> tuple[BaselinePredictions, ...]:
    """Return three baselines of the cases of a random table: constant, noisy, and one that could not be computed."""
    assert test.probabilities is not None
    count, classes = test.probabilities.shape
    constant = np.tile(np.arange(1, classes + 1) / np.arange(1, classes + 1).sum(), (count, 1))
    noisy = test.probabilities + np.random.default_rng(9).gamma(1.0, size=(count, classes))
    noisy /= noisy.sum(axis=1, keepdims=True)
    how = "the share of each class among 9 training photographs"
    return (
        BaselinePredictions(
            "constant", "the most frequent class", how, {"photographs": 9}, with_probabilities(test, constant)
        ),
        BaselinePredictions("noisy", "frozen features", "a regression", {"c": 0.1}, with_probabilities(test, noisy)),
        BaselinePredictions("answers", "the answers alone", reason="nobody was asked"),
    )


def calibrated_table(names: Iterable[str], cases: int = 20_000) -> Predictions:
    """Return a table of classes, one of each of ``names``, whose probabilities mean what they say."""
    classes = np.array(list(names))
    logits, truth = calibrated(cases, len(classes))
    probabilities = softmax(logits)
    return Predictions(
        tuple(classes.tolist()),
        tuple(map(str, range(len(truth)))),
        classes[truth],
        classes[probabilities.argmax(axis=1)],
        probabilities,
    )


def calibrated(cases: int = 4000, classes: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and classes that are drawn with the very probabilities of their softmax."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(cases, classes))
    truth = np.array([rng.choice(classes, p=each) for each in softmax(logits)])
    return logits, truth


SEVERITIES = {"B": "benign", "I": "indeterminate", "M": "malignant"}


def referral_table(cases: int, seed: int, **metadata: np.ndarray) -> Predictions:
    """Return a table of a benign, an indeterminate and a malignant class, named by :data:`SEVERITIES`."""
    rng = np.random.default_rng(seed)
    names = np.array(["B", "I", "M"])
    truth = rng.integers(3, size=cases)
    scores = rng.gamma(1.0, size=(cases, 3))
    scores[np.arange(cases), truth] += 1.0
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    ids, predictions = tuple(map(str, range(cases))), names[probabilities.argmax(axis=1)]
    return Predictions(tuple(names.tolist()), ids, names[truth], predictions, probabilities, metadata)
