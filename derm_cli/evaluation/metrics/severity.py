"""The severity of each case, and the scores by which the severe ones are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import INDETERMINATE, SEVERITIES, severity_of

Severities = Mapping[str, str | None]
"""What each class is: benign, indeterminate, malignant, or None where its diagnoses are not known."""

DIAGNOSIS = "diagnosis"
"""The column with a case's own diagnosis in the ISIC hierarchy, finer than its class."""


def positive_scores(predictions: Predictions, severities: Severities, positive: tuple[str, ...]) -> Floats | None:
    """Return the summed probabilities of the classes that are ``positive``, (n,), None without probabilities."""
    probabilities = predictions.complete_probabilities
    if probabilities is None:
        return None
    is_positive = [severities.get(name) in positive for name in predictions.classes]
    return np.asarray(probabilities[:, is_positive].sum(axis=1))


def true_severities(predictions: Predictions, severities: Severities) -> Indices:
    """Return the index in SEVERITIES of each case's severity, (n,), -1 where it is unknown.

    It is that of its ``diagnosis`` where the table has it, else that of its class.
    """
    of_class = [severities.get(name) for name in predictions.labels.tolist()]
    diagnoses = predictions.metadata[DIAGNOSIS].tolist() if DIAGNOSIS in predictions.metadata else [""] * len(of_class)
    return _severity_indices(
        [severity_of(diagnosis) or severity for diagnosis, severity in zip(diagnoses, of_class, strict=True)]
    )


def predicted_severities(predictions: Predictions, severities: Severities) -> Indices:
    """Return the index in SEVERITIES of the severity of each case's predicted class, (n,), -1 where it is unknown."""
    return _severity_indices([severities.get(name) for name in predictions.predictions.tolist()])


def is_positive(severity_indices: Indices, positive: tuple[str, ...]) -> Flags:
    """Tell of each case whether its severity is one of ``positive``, (n,)."""
    return np.isin(severity_indices, [SEVERITIES.index(severity) for severity in positive])


def has_sides(severity_indices: Indices, *, with_indeterminate: bool) -> Flags:
    """Tell of each case whether its severity is known, (n,); unless asked for, an indeterminate one is on no side."""
    judged = severity_indices >= 0
    if not with_indeterminate:
        judged &= severity_indices != SEVERITIES.index(INDETERMINATE)
    return np.asarray(judged)


def _severity_indices(severities: Sequence[str | None]) -> Indices:
    return np.array([SEVERITIES.index(each) if each else -1 for each in severities], dtype=np.intp)
