"""A predictions table from a part of the records and what a model says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.slicing import SLICED
from derm_cli.evaluation.metrics.triage import DIAGNOSIS
from derm_cli.evaluation.predictions import PATIENT, Predictions
from derm_cli.taxonomy import LesionClass, class_severity

if TYPE_CHECKING:
    from derm_cli.workflows.training.lessons import Part

GROUP = "group"
"""The records' column with the salted hash of what must stay together: a patient, a lesion, or copies."""


def predictions_of(classes: tuple[LesionClass, ...], part: Part, found: npt.NDArray[np.float32]) -> Predictions:
    """Return the table of a part's photographs: probabilities float32 (n, classes), and what slices are cut by.

    Patients are told apart by the salted hashes of their groups, never by their own numbers.
    """
    labels = np.array([each.name for each in classes])
    cases = part.cases
    columns = {PATIENT: GROUP, **{name: name for name in (DIAGNOSIS, *SLICED)}}
    about = {
        name: cases[column].astype(object).where(cases[column].notna(), "").map(_text).to_numpy(dtype=np.str_)
        for name, column in columns.items()
        if column in cases
    }
    return Predictions(
        classes=tuple(labels.tolist()),
        case_ids=tuple(cases["case_id"].astype(str)),
        labels=labels[part.labels],
        predictions=labels[found.argmax(axis=1)],
        probabilities=found.astype(np.float64),
        about=about,
    )


def severities_of(classes: tuple[LesionClass, ...]) -> dict[str, str | None]:
    """Return the severity of each class by name, None where its diagnoses are not known."""
    return {each.name: class_severity(each) for each in classes}


def _text(value: object) -> str:
    """Return a value as text: a whole number of years without its '.0'."""
    return f"{value:g}" if isinstance(value, float) else str(value)
