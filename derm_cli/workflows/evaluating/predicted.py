"""A predictions table from a part of the records and what a model says of them, judged by what its classes mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.metrics.severity import DIAGNOSIS
from derm_cli.evaluation.metrics.slicing import SLICED
from derm_cli.evaluation.predictions import PATIENT, Predictions
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.taxonomy import LesionClass, class_severity, coarse_diagnosis

if TYPE_CHECKING:
    from derm_cli.data.samples import Samples


@dataclass(frozen=True)
class JudgementOptions:
    """How it is judged: the draws of the bootstrap, and the sensitivities that *now* and *soon* are chosen for."""

    draws: int = DRAWS
    refer_at: tuple[float, float] = REFER_AT


USUAL = JudgementOptions()
GROUP = "group"
"""The records' column with the salted hash of what must stay together: a patient, a lesion, or copies."""


def predictions_of(classes: tuple[LesionClass, ...], part: Samples, found: npt.NDArray[np.float32]) -> Predictions:
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


def judge_classes(
    classes: tuple[LesionClass, ...], test: Predictions, validation: Predictions | None, how: JudgementOptions = USUAL
) -> Judgement:
    """Judge a table, of which ``classes`` tell what their names mean."""
    severities = {each.name: class_severity(each) for each in classes}
    groups = {each.name: coarse_diagnosis(each) for each in classes}
    return judge(test, severities, validation, how.draws, groups=groups, refer_at=how.refer_at)


def _text(value: object) -> str:
    """Return a value as text: a whole number of years without its '.0'."""
    return f"{value:g}" if isinstance(value, float) else str(value)
