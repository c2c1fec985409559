"""Metrics by coarse diagnosis: classes with the same second level of the ISIC hierarchy taken as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Weights
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.classification import ClassificationMeasure, Evaluation
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import Replicates, ResamplingMethod


@dataclass(frozen=True)
class CoarseEvaluation:
    """The metrics of coarse diagnoses: ``members`` names the classes of each, in the order of ``evaluation``."""

    members: dict[str, tuple[str, ...]]
    evaluation: Evaluation

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values; what needs probabilities is None, for none are summed."""
        return {"members": {name: list(classes) for name, classes in self.members.items()}, **self.evaluation.to_json()}


class CoarseMeasure(Measure[CoarseEvaluation]):
    """The metrics of the coarse diagnoses, each against all others."""

    name = "coarse"

    def __init__(self, predictions: Predictions, coarse_diagnoses: Mapping[str, str]) -> None:
        """Take the coarse diagnosis of each class; a class without one stands for itself."""
        coarse = {name: coarse_diagnoses.get(name, name) for name in predictions.classes}
        self.members = {
            diagnosis: tuple(name for name in predictions.classes if coarse[name] == diagnosis)
            for diagnosis in coarse.values()
        }
        self.classification = ClassificationMeasure(
            Predictions(
                tuple(self.members),
                predictions.case_ids,
                np.array([coarse[name] for name in predictions.labels.tolist()]),
                np.array([coarse[name] for name in predictions.predictions.tolist()]),
                None,
                predictions.metadata,
            )
        )

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None where no two classes share a coarse diagnosis."""
        measure = cls(inputs.test, inputs.coarse_diagnoses)
        return measure if any(len(classes) > 1 for classes in measure.members.values()) else None

    def replicates(self, weights: Weights) -> Replicates:
        """Return what :meth:`ClassificationMeasure.replicates` does: the intervals need no draws."""
        return self.classification.replicates(weights)

    def result(self, replicates: Replicates, method: ResamplingMethod) -> CoarseEvaluation:
        """Return the coarse diagnoses' metrics, with the intervals that ``replicates`` give, which may be empty."""
        return CoarseEvaluation(self.members, self.classification.result(replicates, method))
