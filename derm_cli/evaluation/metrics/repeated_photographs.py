"""Results by patient and by lesion, where these have several photographs: of the mean and of the worst photograph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices
from derm_cli.evaluation.grouping import GROUP_COLUMNS, LESION, PATIENT
from derm_cli.evaluation.intervals.resampling import Intervals, Replicates, ResamplingMethod, intervals_json
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.classification import ClassificationMeasure, Evaluation
from derm_cli.evaluation.predictions import Predictions

MEAN, WORST = "mean", "worst"
UNITS = (PATIENT, LESION)
"""What may have several photographs, by the column that tells them apart."""
_OVERALL = ("accuracy", "balanced_accuracy", "macro_f1")


@dataclass(frozen=True)
class UnitMetrics:
    """Metrics with one answer a unit, 0..1, None where undefined; ``sensitivity`` by class; 95 % ``intervals``.

    The intervals of sensitivities stand under ``sensitivity CLASS``.
    """

    accuracy: float | None
    balanced_accuracy: float | None
    macro_f1: float | None
    sensitivity: Mapping[str, float | None]
    intervals: Intervals = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**vars(self), "sensitivity": dict(self.sensitivity), "intervals": intervals_json(self.intervals)}


@dataclass(frozen=True)
class RepeatedPhotographs:
    """The results by ``unit``, a patient or a lesion: its photographs of one class are one case.

    There are so many ``photographs`` of so many ``units``, of which ``repeated`` have several.  ``ways`` has under
    ``mean`` the answers by the mean of a unit's probabilities, left out without these, and under ``worst`` those of
    its worst photograph: a wrong one where it has one, of these the one with the least probability of what is true.
    """

    unit: str
    photographs: int
    units: int
    repeated: int
    ways: Mapping[str, UnitMetrics]

    def to_json(self) -> dict[str, Any]:
        """Return the results as JSON values."""
        return {**vars(self), "ways": {name: each.to_json() for name, each in self.ways.items()}}


@dataclass(frozen=True)
class RepeatedResults:
    """The results by each unit that has several photographs."""

    by_unit: tuple[RepeatedPhotographs, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the results by the name of the unit."""
        return {each.unit: each.to_json() for each in self.by_unit}


class RepeatedMeasure(Measure[RepeatedResults]):
    """Measures the answers by patient and by lesion."""

    name = "repeated_photographs"
    left_out_if_absent: ClassVar[bool] = True

    def __init__(self, predictions: Predictions, units: tuple[_Unit, ...]) -> None:
        self.predictions, self.units = predictions, units

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None where no patient and no lesion has several of one class."""
        units = tuple(unit for name in UNITS if (unit := _Unit.of(name, inputs)) is not None)
        # Where each patient has one lesion, both are the same.
        if len(units) == 2 and np.array_equal(units[0].members, units[1].members):
            units = units[:1]
        return cls(inputs.test, units) if units else None

    def result(self, replicates: Replicates, method: ResamplingMethod) -> RepeatedResults:
        """Return the results, with intervals unless ``replicates`` are empty."""
        return RepeatedResults(tuple(self._result(unit, replicates, method) for unit in self.units))

    def _result(self, unit: _Unit, replicates: Replicates, method: ResamplingMethod) -> RepeatedPhotographs:
        groups = self.predictions.patients[unit.first]
        # Of units that share no patient each is a case of its own.
        own_method = method if len(np.unique(groups)) < len(groups) else "bootstrap"
        sizes = np.bincount(unit.members)
        ways = {}
        for way, answers in unit.answers.items():
            table = self._table(unit, answers)
            ways[way] = _metrics(ClassificationMeasure(table).result(replicates, own_method))
        return RepeatedPhotographs(unit.name, len(unit.members), len(sizes), int((sizes > 1).sum()), ways)

    def _table(self, unit: _Unit, answers: Indices) -> Predictions:
        """Return the units as a table of their own: a case each, by the groups of its first."""
        test = self.predictions
        return Predictions(
            test.classes,
            tuple(test.case_ids[case] for case in unit.first.tolist()),
            test.labels[unit.first],
            np.array(test.classes)[answers],
            None,
            {name: test.metadata[name][unit.first] for name in GROUP_COLUMNS if name in test.metadata},
        )


def _metrics(evaluation: Evaluation) -> UnitMetrics:
    intervals = {name: each for name, each in evaluation.intervals.items() if name in _OVERALL}
    for name, of_class in evaluation.per_class.items():
        if "sensitivity" in of_class.intervals:
            intervals[f"sensitivity {name}"] = of_class.intervals["sensitivity"]
    return UnitMetrics(
        **{name: getattr(evaluation, name) for name in _OVERALL},
        sensitivity={name: of_class.sensitivity for name, of_class in evaluation.per_class.items()},
        intervals=intervals,
    )


@dataclass(frozen=True)
class _Unit:
    """The units that a column tells apart: of each case its unit, ``members`` (n,), of each unit all else, (units,).

    ``first`` is its first case, ``truth`` its class; ``answers`` has the class that it is taken for, by each way.
    """

    name: str
    members: Indices
    first: Indices
    truth: Indices
    answers: dict[str, Indices]

    @classmethod
    def of(cls, name: str, inputs: EvaluationInput) -> _Unit | None:
        test, truth = inputs.test, inputs.truth
        if name not in test.metadata:
            return None
        _, known = np.unique(test.metadata[name], return_inverse=True)
        # A case of which it is not known has a unit of its own.
        alone = np.where(test.metadata[name] == "", np.arange(len(truth)) + 1, 0)
        # Lesions of different patients may bear the same number.
        keys = np.stack([known, truth, alone, test.patients], axis=1)
        _, first, members = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        if len(first) == len(truth):
            return None
        # As their first cases come: in the order of their names, which each run salts anew, sums would differ by bits.
        order = np.argsort(first)
        first, members = first[order], np.argsort(order)[members.reshape(-1)]
        predicted = test.class_indices(test.predictions)
        answers = {}
        if inputs.probabilities is not None:
            answers[MEAN] = _means(members, len(first), inputs.probabilities).argmax(axis=1)
        answers[WORST] = predicted[_worst(members, predicted == truth, _of_truth(inputs.probabilities, truth))]
        return cls(name, members, first, truth[first], answers)


def _means(members: Indices, units: int, probabilities: Floats) -> Floats:
    columns = [np.bincount(members, weights=column, minlength=units) for column in probabilities.T]
    return np.stack(columns, axis=1) / np.bincount(members, minlength=units)[:, np.newaxis]


def _of_truth(probabilities: Floats | None, truth: Indices) -> Floats:
    return np.zeros(len(truth)) if probabilities is None else probabilities[np.arange(len(truth)), truth]


def _worst(members: Indices, right: Any, probability: Floats) -> Indices:
    """Return the case of each unit that is the worst: wrong before right, then the least probable truth."""
    order = np.lexsort((probability, right, members))
    return np.asarray(order[np.searchsorted(members[order], np.arange(members.max() + 1))])
