"""Triage: malignant or benign, what the classes say of whom to refer, and what each threshold costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from derm_cli.evaluation.array_types import Counts, Flags, Floats, Indices, Weights
from derm_cli.evaluation.measure import EvaluationInput, Measure, measure_one
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.confusion import class_metrics, confusion_matrix
from derm_cli.evaluation.metrics.ranking import Ranking
from derm_cli.evaluation.metrics.severity import (
    Severities,
    is_positive,
    positive_scores,
    predicted_severities,
    threshold_for,
    true_severities,
)
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import (
    DRAWS,
    Interval,
    Replicates,
    ResamplingMethod,
    percentile_interval,
    point_estimates,
    proportion_interval,
    weights_of_cases,
)
from derm_cli.taxonomy import INDETERMINATE, MALIGNANT, SEVERITIES

TARGETS = (0.80, 0.90, 0.95, 0.98, 0.99)
"""The sensitivities for which thresholds are chosen."""


@dataclass(frozen=True)
class OperatingPoint:
    """What a rule does on the test part.  Positive are the cases to be found, negative the others.

    ``target`` is the sensitivity for which ``threshold`` was chosen on the validation part: a case whose score is the
    threshold or more is referred.  Both are None where a case is referred whose most probable class is one to be found.
    ``referred`` is the share of all cases.  Shares are 0..1, None where undefined.
    """

    target: float | None
    threshold: float | None
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    npv: float | None
    referred: float
    found: int
    missed: int
    unneeded: int
    intervals: dict[str, Interval]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**vars(self), "intervals": {name: interval.to_json() for name, interval in self.intervals.items()}}


@dataclass(frozen=True)
class BinaryTriage:
    """Malignant against benign, indeterminate lesions left out or to be found too.

    ``as_said`` takes the most probable class at its word; ``auc`` needs probabilities, but no threshold.  ``points``
    are the operating points by their target sensitivity, none where there is no validation part to choose them on: a
    threshold that is chosen on the test part would flatter itself.
    """

    positive: tuple[str, ...]
    cases: int
    positives: int
    auc: float | None
    auc_interval: Interval | None
    as_said: OperatingPoint
    points: tuple[OperatingPoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            **vars(self),
            "positive": list(self.positive),
            "auc_interval": self.auc_interval and self.auc_interval.to_json(),
            "as_said": self.as_said.to_json(),
            "points": [point.to_json() for point in self.points],
        }


@dataclass(frozen=True)
class Triage:
    """Who must be seen: by the top of the ISIC hierarchy, benign, indeterminate or malignant.

    ``counts`` int64 (3, 3): true severity by row, that of the predicted class by column, in the order of SEVERITIES.
    ``unknown`` cases have no diagnosis.  ``binary`` has the judgement without and with indeterminate lesions.
    """

    counts: Counts
    unknown: int
    without_indeterminate: BinaryTriage | None
    with_indeterminate: BinaryTriage | None

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
    """Judge malignancy.  ``severities`` gives that of each class; None where no class has one.

    A case's own severity is that of its ``diagnosis`` where the table has it, else that of its class.
    """
    measure = TriageMeasure.of(EvaluationInput(test, severities, validation))
    return None if measure is None else measure_one(measure, test, draws, seed)


class TriageMeasure(Measure[Triage]):
    """How many malignant cases are found at which cost, indeterminate ones left out or to be found too."""

    name = "triage"

    def __init__(self, test: Predictions, severities: Severities, validation: Predictions | None = None) -> None:
        self.truth, self.predicted = true_severities(test, severities), predicted_severities(test, severities)
        positives = {"without": (MALIGNANT,), "with": (INDETERMINATE, MALIGNANT)}
        tasks = {name: _BinaryTask.of(test, severities, positive, validation) for name, positive in positives.items()}
        self.tasks = {name: task for name, task in tasks.items() if task is not None}

    @classmethod
    def of(cls, given: EvaluationInput) -> Self | None:
        """Choose the thresholds on the validation part, if there is one; None where no class has a severity."""
        return cls(given.test, given.severities, given.validation) if given.has_severity else None

    def replicates(self, weights: Weights) -> Replicates:
        """Return the AUC of each task and the shares of each of its rules, (draws,)."""
        replicates: Replicates = {}
        for name, task in self.tasks.items():
            own_weights = weights_of_cases(weights, task.judged)
            if task.ranking is not None:
                replicates[f"{name} auc"] = task.ranking.auc(own_weights)
            for rule, cells in enumerate(task.cells):
                metrics = class_metrics(confusion_matrix(cells, 2, own_weights))
                replicates |= {f"{name} {rule} {metric}": values[:, 1] for metric, values in metrics.items()}
        return replicates

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Triage:
        """Return the triage, with the intervals that ``replicates`` give, which may be empty."""
        both_known = (self.truth >= 0) & (self.predicted >= 0)
        size = len(SEVERITIES)
        counts = confusion_matrix(self.truth[both_known] * size + self.predicted[both_known], size).astype(np.int64)
        points = point_estimates(self.replicates, len(self.truth))
        without, with_indeterminate = (
            self.tasks[name].result(name, points, replicates, method) if name in self.tasks else None
            for name in ("without", "with")
        )
        return Triage(counts, int((~both_known).sum()), without, with_indeterminate)


@dataclass(frozen=True)
class _BinaryTask:
    """One way to ask who must be found: the cases that are judged, and the rules by which they are referred.

    ``judged`` are the rows of the test part, ``to_find`` tells which of them are positive.  The first rule takes the
    most probable class at its word, the others have a target and a threshold.  ``cells`` of each rule are the judged
    cases' cells in its confusion matrix, true · 2 + referred.
    """

    positive: tuple[str, ...]
    judged: Indices
    to_find: Flags
    ranking: Ranking | None
    rules: tuple[tuple[float | None, float | None], ...]
    cells: tuple[Indices, ...]

    @classmethod
    def of(
        cls, test: Predictions, severities: Severities, positive: tuple[str, ...], validation: Predictions | None
    ) -> _BinaryTask | None:
        scores, to_find, is_judged = _scored_cases(test, severities, positive)
        if not is_judged.any():
            return None
        judged = np.flatnonzero(is_judged)
        to_find = to_find[judged]
        rules: list[tuple[float | None, float | None]] = [(None, None)]
        referred, ranking = [is_positive(predicted_severities(test, severities), positive)[judged]], None
        if scores is not None:
            scores, ranking = scores[judged], Ranking.of(scores[judged], to_find)
            for target, threshold in _chosen_thresholds(severities, positive, validation):
                rules.append((target, threshold))
                referred.append(scores >= threshold)
        cells = tuple(to_find.astype(np.intp) * 2 + by_rule for by_rule in referred)
        return cls(positive, judged, to_find, ranking, tuple(rules), cells)

    def result(self, name: str, points: Replicates, replicates: Replicates, method: ResamplingMethod) -> BinaryTriage:
        auc = f"{name} auc"
        as_predicted, *at_thresholds = (
            self._operating_point(f"{name} {rule}", rule, replicates, method) for rule in range(len(self.rules))
        )
        return BinaryTriage(
            self.positive,
            len(self.judged),
            int(self.to_find.sum()),
            none_if_nan(points[auc]) if auc in points else None,
            percentile_interval(replicates[auc], method) if auc in replicates else None,
            as_predicted,
            tuple(at_thresholds),
        )

    def _operating_point(self, key: str, rule: int, replicates: Replicates, method: ResamplingMethod) -> OperatingPoint:
        target, threshold = self.rules[rule]
        (rejected, unneeded), (missed, found) = confusion_matrix(self.cells[rule], 2).astype(int).tolist()
        proportions = {
            "sensitivity": (found, found + missed),
            "specificity": (rejected, rejected + unneeded),
            "precision": (found, found + unneeded),
            "npv": (rejected, rejected + missed),
        }
        intervals = {
            name: proportion_interval(*proportion, replicates.get(f"{key} {name}"), method)
            for name, proportion in proportions.items()
        }
        return OperatingPoint(
            target,
            threshold,
            **{name: hits / cases if cases else None for name, (hits, cases) in proportions.items()},
            referred=(found + unneeded) / len(self.judged),
            found=found,
            missed=missed,
            unneeded=unneeded,
            intervals={name: each for name, each in intervals.items() if each is not None} if replicates else {},
        )


def _chosen_thresholds(
    severities: Severities, positive: tuple[str, ...], validation: Predictions | None
) -> Iterator[tuple[float, float]]:
    """Yield each target with the threshold that the validation part gives for it, nothing where it can give none."""
    if validation is None:
        return
    scores, to_find, judged = _scored_cases(validation, severities, positive)
    if scores is not None and (to_find & judged).any():
        yield from ((target, threshold_for(scores[judged], to_find[judged], target)) for target in TARGETS)


def _scored_cases(
    part: Predictions, severities: Severities, positive: tuple[str, ...]
) -> tuple[Floats | None, Flags, Flags]:
    """Return the scores of a part's cases, which of them are positive, and which are judged at all."""
    truth = true_severities(part, severities)
    judged = truth >= 0
    if INDETERMINATE not in positive:
        judged &= truth != SEVERITIES.index(INDETERMINATE)
    return positive_scores(part, severities, positive), is_positive(truth, positive), judged
