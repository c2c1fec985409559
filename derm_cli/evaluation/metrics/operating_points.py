"""Operating points: sensitivity, specificity and cases found by each rule of referral, where it is yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices, Weights
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.confusion import Margins, class_metrics, confusion_matrix
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
    Interval,
    Intervals,
    Replicates,
    ResamplingMethod,
    intervals_json,
    metric_intervals,
    percentile_interval,
    weights_of_cases,
)
from derm_cli.taxonomy import INDETERMINATE, SEVERITIES

TARGETS = (0.80, 0.90, 0.95, 0.98, 0.99)
"""The sensitivities for which thresholds are chosen."""


@dataclass(frozen=True)
class OperatingPoint:
    """The sensitivity, specificity and counts of one rule on the test part.

    Positive are the cases to be found, negative the others.  ``target`` is the sensitivity for which ``threshold`` was
    chosen on the validation part: a case whose score is the threshold or more is referred.  Both are None where a case
    is referred whose most probable class is one to be found.  ``referred`` is the share of all cases.  Shares are 0..1,
    None where undefined.
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
    intervals: Intervals

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {**vars(self), "intervals": intervals_json(self.intervals)}


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
class BinaryTask:
    """A binary triage task: the severities to be found, the cases that are judged, and the rules of referral.

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
    ) -> BinaryTask | None:
        """Choose the thresholds on ``validation``, if there is one; None where no case of ``test`` can be judged."""
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

    def replicates(self, weights: Weights) -> Replicates:
        """Return the AUC and the shares of each rule, (draws,), for ``weights`` (draws, n) of the test part."""
        own_weights = weights_of_cases(weights, self.judged)
        replicates: Replicates = {} if self.ranking is None else {"auc": self.ranking.auc(own_weights)}
        for rule, cells in enumerate(self.cells):
            metrics = class_metrics(Margins.of_matrix(confusion_matrix(cells, 2, own_weights)))
            replicates |= {f"{rule} {metric}": values[:, 1] for metric, values in metrics.items()}
        return replicates

    def result(self, points: Replicates, replicates: Replicates, method: ResamplingMethod) -> BinaryTriage:
        """Return the operating point of each rule, with the intervals that ``replicates`` give, which may be empty."""
        as_predicted, *at_thresholds = (
            self._operating_point(rule, replicates, method) for rule in range(len(self.rules))
        )
        return BinaryTriage(
            self.positive,
            len(self.judged),
            int(self.to_find.sum()),
            none_if_nan(points["auc"]) if "auc" in points else None,
            percentile_interval(replicates["auc"], method) if "auc" in replicates else None,
            as_predicted,
            tuple(at_thresholds),
        )

    def _operating_point(self, rule: int, replicates: Replicates, method: ResamplingMethod) -> OperatingPoint:
        target, threshold = self.rules[rule]
        (rejected, unneeded), (missed, found) = confusion_matrix(self.cells[rule], 2).astype(int).tolist()
        proportions = {
            "sensitivity": (found, found + missed),
            "specificity": (rejected, rejected + unneeded),
            "precision": (found, found + unneeded),
            "npv": (rejected, rejected + missed),
        }
        own_replicates = {name: replicates[f"{rule} {name}"] for name in proportions if replicates}
        return OperatingPoint(
            target,
            threshold,
            **{name: hits / cases if cases else None for name, (hits, cases) in proportions.items()},
            referred=(found + unneeded) / len(self.judged),
            found=found,
            missed=missed,
            unneeded=unneeded,
            intervals=metric_intervals(own_replicates, method, proportions),
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
