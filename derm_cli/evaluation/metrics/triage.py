"""Triage: malignant against benign, from the classes' severities, and what each threshold costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Counts
from derm_cli.evaluation.intervals.resampling import DRAWS, Replicates, ResamplingMethod
from derm_cli.evaluation.measure import EvaluationInput, Measure, measure_one
from derm_cli.evaluation.metrics.confusion import confusion_matrix
from derm_cli.evaluation.metrics.operating_points import BinaryTask, BinaryTriage
from derm_cli.evaluation.metrics.severity import Severities, predicted_severities, true_severities
from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import INDETERMINATE, MALIGNANT, SEVERITIES


@dataclass(frozen=True)
class Triage:
    """The triage of a test part: true and predicted severity (benign, indeterminate, malignant), and both tasks.

    ``counts`` int64 (3, 3): true severity by row, that of the predicted class by column, in the order of SEVERITIES.
    ``unknown`` counts the cases that lack one of both.  ``without_indeterminate`` asks for malignant lesions and leaves
    indeterminate ones out, ``with_indeterminate`` asks for both; None where no case can be judged.
    """

    counts: Counts
    unknown: int
    without_indeterminate: BinaryTriage | None
    with_indeterminate: BinaryTriage | None

    @property
    def tasks(self) -> tuple[BinaryTriage, ...]:
        """Both tasks, or those of them of which cases can be judged."""
        return tuple(each for each in (self.without_indeterminate, self.with_indeterminate) if each is not None)

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            "severities": list(SEVERITIES),
            "counts": self.counts.tolist(),
            "unknown": self.unknown,
            "without_indeterminate": self.without_indeterminate and self.without_indeterminate.to_json(),
            "with_indeterminate": self.with_indeterminate and self.with_indeterminate.to_json(),
        }


def triage(
    test: Predictions,
    severities: Severities,
    validation: Predictions | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Triage | None:
    """Return the triage of ``test``.  ``severities`` gives that of each class; None where no class has one.

    A case's own severity is that of its ``diagnosis`` where the table has it, else that of its class.
    """
    measure = TriageMeasure.of(EvaluationInput(test, severities, validation))
    return None if measure is None else measure_one(measure, test, draws, seed)


class TriageMeasure(Measure[Triage]):
    """Measures triage: sensitivity and specificity for malignant, indeterminate cases left out or positive too."""

    name = "triage"

    def __init__(self, test: Predictions, severities: Severities, validation: Predictions | None = None) -> None:
        self.truth, self.predicted = true_severities(test, severities), predicted_severities(test, severities)
        positives = {"without": (MALIGNANT,), "with": (INDETERMINATE, MALIGNANT)}
        tasks = {name: BinaryTask.of(test, severities, positive, validation) for name, positive in positives.items()}
        self.tasks = {name: task for name, task in tasks.items() if task is not None}

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Choose the thresholds on the validation part, if there is one; None where no class has a severity."""
        return cls(inputs.test, inputs.severities, inputs.validation) if inputs.has_severity else None

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Triage:  # noqa: ARG002
        """Return the triage, with intervals unless ``replicates`` are empty."""
        both_known = (self.truth >= 0) & (self.predicted >= 0)
        size = len(SEVERITIES)
        counts = confusion_matrix(self.truth[both_known] * size + self.predicted[both_known], size).astype(np.int64)
        without, with_indeterminate = (
            self.tasks[name].result(intervals=bool(replicates)) if name in self.tasks else None
            for name in ("without", "with")
        )
        return Triage(counts, int((~both_known).sum()), without, with_indeterminate)
