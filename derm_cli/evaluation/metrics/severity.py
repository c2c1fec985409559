"""How bad each case is, and the scores and thresholds by which the bad ones are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import SEVERITIES, severity_of

Floats = npt.NDArray[np.float64]
Severities = Mapping[str, str | None]
"""What each class is: benign, indeterminate, malignant, or None where its diagnoses are not known."""

DIAGNOSIS = "diagnosis"
"""The column with a case's own place in the ISIC hierarchy, finer than its class."""


def scores_of(predictions: Predictions, severities: Severities, positive: tuple[str, ...]) -> Floats | None:
    """Return the summed probabilities of the classes that are ``positive``, (n,), None without probabilities."""
    found = predictions.probabilities
    if found is None or np.isnan(found).any():
        return None
    inside = [severities.get(name) in positive for name in predictions.classes]
    return np.asarray(found[:, inside].sum(axis=1))


def threshold_for(scores: Floats, positive: npt.NDArray[np.bool_], sensitivity: float) -> float:
    """Return the highest threshold at which ``sensitivity`` or more of the ``positive`` cases are at or above it."""
    own = np.sort(scores[positive])[::-1]
    return float(own[int(np.ceil(sensitivity * len(own) - 1e-9)) - 1])


def severity_of_cases(part: Predictions, severities: Severities) -> npt.NDArray[np.intp]:
    """Return the place of each case's severity in SEVERITIES, (n,), -1 where it is unknown."""
    by_class = [severities.get(name) for name in part.labels.tolist()]
    own = part.about[DIAGNOSIS].tolist() if DIAGNOSIS in part.about else [""] * len(by_class)
    return severity_places([severity_of(place) or other for place, other in zip(own, by_class, strict=True)])


def truly(part: Predictions, severities: Severities, positive: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Tell of each case whether its own severity is one of ``positive``, (n,)."""
    return np.isin(severity_of_cases(part, severities), [SEVERITIES.index(each) for each in positive])


def said(part: Predictions, severities: Severities, positive: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Tell of each case whether the severity of the predicted class is one of ``positive``, (n,)."""
    return np.array([severities.get(name) in positive for name in part.predictions.tolist()])


def severity_places(severities: Sequence[str | None]) -> npt.NDArray[np.intp]:
    """Return the places of severities in SEVERITIES, (n,), -1 for None."""
    return np.array([SEVERITIES.index(each) if each else -1 for each in severities], dtype=np.intp)
