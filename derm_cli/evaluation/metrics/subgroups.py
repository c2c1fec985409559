"""Subgroups: how a classifier does by sex, age, site, skin type and the rest, the largest gaps first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Weights
from derm_cli.evaluation.grouping import count_json, counted
from derm_cli.evaluation.measure import EvaluationInput, Measure, measure_one
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.confusion import Margins, count_cells, overall_metrics, ratio
from derm_cli.evaluation.metrics.severity import Severities, is_positive, predicted_severities, true_severities
from derm_cli.evaluation.metrics.subgroup_names import subgroup_names
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import (
    DRAWS,
    Interval,
    Replicates,
    ResamplingMethod,
    metric_intervals,
    point_estimates,
    weights_of_cases,
)
from derm_cli.taxonomy import MALIGNANT

SUBGROUP_COLUMNS = (
    *("sex", "age", "site", "fitzpatrick", "skin_tone", "image_type", "dataset"),
    *("quality", "focus", "brightness"),
)
"""The columns of a predictions table by which cases are cut, where it has them."""
FEWEST = 30
"""Cases below which a subgroup says next to nothing; the same for its patients."""


@dataclass(frozen=True)
class Subgroup:
    """The cases with one value of a column.

    ``accuracy`` and ``balanced_accuracy`` (over the classes that it has) are in 0..1 with 95 % intervals; ``gap`` is
    its balanced accuracy less that of all other cases, None where these are too few, ``gap_interval`` of the same
    draws.  ``malignant`` counts its malignant cases; ``malignant_sensitivity`` is the share of them whose most probable
    class is malignant, None without one.  ``warning`` says where it is too small to say anything.
    """

    column: str
    value: str
    cases: int
    groups: int | None
    classes: int
    accuracy: float
    balanced_accuracy: float
    gap: float | None
    accuracy_interval: Interval | None
    balanced_accuracy_interval: Interval | None
    gap_interval: Interval | None
    malignant: int
    malignant_sensitivity: float | None
    malignant_interval: Interval | None
    warning: str | None
    group_word: str = "patients"

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval of the gap holds zero."""
        return self.gap_interval is not None and self.gap_interval.low <= 0 <= self.gap_interval.high

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        values: dict[str, Any] = {}
        for name, value in vars(self).items():
            if name == "groups":
                values |= count_json(self.groups, self.group_word)
            elif name != "group_word":
                values[name] = value.to_json() if isinstance(value, Interval) else value
        return values | {"may_be_chance": self.may_be_chance}


@dataclass(frozen=True)
class Subgroups:
    """Every subgroup of every column, the largest gaps first, those that say nothing last."""

    subgroups: tuple[Subgroup, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the subgroups as JSON values."""
        return [each.to_json() for each in self.subgroups]


def subgroups_of(
    predictions: Predictions, draws: int = DRAWS, seed: int = 0, severities: Severities | None = None
) -> tuple[Subgroup, ...]:
    """Return every subgroup of all ``SUBGROUP_COLUMNS``, the largest gaps first, those that say nothing last."""
    return measure_one(SubgroupMeasure(predictions, severities), predictions, draws, seed).subgroups


class SubgroupMeasure(Measure[Subgroups]):
    """Measures subgroups: accuracy, balanced accuracy and sensitivity for malignant, by each value of each column."""

    name = "slices"
    absent: ClassVar[list[Any] | None] = []

    def __init__(self, predictions: Predictions, severities: Severities | None = None) -> None:
        self.predictions, self.size = predictions, len(predictions.classes)
        truth = predictions.class_indices(predictions.labels)
        self.truth, self.predicted = truth, predictions.class_indices(predictions.predictions)
        is_malignant = is_positive(true_severities(predictions, severities or {}), (MALIGNANT,))
        predicted_malignant = is_positive(predicted_severities(predictions, severities or {}), (MALIGNANT,))
        self.malignant = np.flatnonzero(is_malignant)
        self.detected = predicted_malignant[self.malignant].astype(np.intp)
        metadata = predictions.metadata
        values = {column: subgroup_names(column, metadata[column]) for column in SUBGROUP_COLUMNS if column in metadata}
        coded = {column: np.unique(names, return_inverse=True) for column, names in values.items()}
        # A column that is the same everywhere cuts nothing.
        self.columns = {column: (names, codes) for column, (names, codes) in coded.items() if len(names) > 1}

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self:
        """Return the measure of the test cases."""
        return cls(inputs.test, inputs.severities)

    def replicates(self, weights: Weights) -> Replicates:
        """Return accuracy, balanced accuracy and gap of each subgroup of each column, (draws, values)."""
        replicates: Replicates = {}
        malignant_weights = weights_of_cases(weights, self.malignant)
        for column, (names, codes) in self.columns.items():
            first_cells, shape = codes * self.size, (len(names), self.size)
            margins = Margins.of_cases(first_cells + self.truth, first_cells + self.predicted, shape, weights)
            own, others = overall_metrics(margins), overall_metrics(margins.outside())
            cells = codes[self.malignant] * 2 + self.detected
            malignant = count_cells(cells, (len(names), 2), malignant_weights)
            replicates[f"{column} malignant"] = ratio(malignant[..., 1], malignant.sum(axis=-1))
            replicates[f"{column} accuracy"] = own["accuracy"]
            replicates[f"{column} balanced"] = own["balanced_accuracy"]
            replicates[f"{column} gap"] = own["balanced_accuracy"] - others["balanced_accuracy"]
        return replicates

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Subgroups:
        """Return the subgroups, with the intervals that ``replicates`` give, which may be empty."""
        points = point_estimates(self.replicates, len(self.truth))
        subgroups = [
            self._subgroup(column, code, points, replicates, method)
            for column, (names, _) in self.columns.items()
            for code in range(len(names))
        ]
        return Subgroups(tuple(sorted(subgroups, key=lambda each: (each.warning is not None, -abs(each.gap or 0.0)))))

    def _subgroup(
        self, column: str, code: int, points: Replicates, replicates: Replicates, method: ResamplingMethod
    ) -> Subgroup:
        names, codes = self.columns[column]
        inside = codes == code
        cases, every_patient = int(inside.sum()), self.predictions.patients
        groups = None if method == "bootstrap" else len(np.unique(every_patient[inside]))
        comparable = len(np.unique(every_patient[~inside])) >= FEWEST
        malignant_inside = inside[self.malignant]
        malignant, detected = int(malignant_inside.sum()), int(self.detected[malignant_inside].sum())
        accuracy = points[f"{column} accuracy"][code]
        proportions = {"accuracy": (round(accuracy * cases), cases), "malignant": (detected, malignant)}
        own_replicates = {
            metric: replicates[f"{column} {metric}"][:, code]
            for metric in (*proportions, "balanced", "gap")
            if replicates
        }
        intervals = metric_intervals(own_replicates, method, proportions)
        return Subgroup(
            column=column,
            value=str(names[code]),
            cases=cases,
            groups=groups,
            classes=len(np.unique(self.truth[inside])),
            accuracy=float(accuracy),
            balanced_accuracy=float(points[f"{column} balanced"][code]),
            gap=none_if_nan(points[f"{column} gap"][code]) if comparable else None,
            accuracy_interval=intervals.get("accuracy"),
            balanced_accuracy_interval=intervals.get("balanced"),
            gap_interval=intervals.get("gap") if comparable else None,
            malignant=malignant,
            malignant_sensitivity=detected / malignant if malignant else None,
            malignant_interval=intervals.get("malignant"),
            warning=_warning(cases, groups, method),
            group_word="patients" if method == "bootstrap" else method,
        )


def _warning(cases: int, groups: int | None, word: str) -> str | None:
    count = cases if groups is None else min(cases, groups)
    if count >= FEWEST:
        return None
    return f"too small to say anything: {counted(count, word if groups is not None and groups < cases else 'cases')}"
