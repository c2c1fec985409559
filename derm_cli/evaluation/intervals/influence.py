"""The influence of each patient on each metric: how it would change with more cases of that patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.metrics.calibration import log_losses
from derm_cli.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Influence:
    """The ``value`` of a metric, NaN where undefined, and the ``influence`` of each patient on it, (patients,).

    The influences sum to 0, and their squares to the metric's variance (Hampel, JASA 1974).  ``shares`` (patients,) sum
    to 1: the part of the cases which the metric is a mean of, of which a ratio has ``cases``.  ``others`` counts for an
    AUC the patients that the cases of the other side are worth.
    """

    value: float
    influence: Floats
    shares: Floats
    others: float = np.nan
    cases: float = np.nan

    @classmethod
    def of_ratio(cls, part: Floats, total: Floats) -> Influence:
        """Return the influence on a ratio of two sums; ``part`` and ``total`` have those of each patient."""
        everything = float(total.sum())
        if not everything:
            return cls(np.nan, np.zeros(len(total)), np.zeros(len(total)))
        value, shares = float(part.sum()) / everything, total / everything
        return cls(value, part / everything - value * shares, shares, cases=everything)


class MeanInfluence:
    """The influence on the mean of a metric over the classes, which are added one by one: all at once fill a memory."""

    def __init__(self, patients: int) -> None:
        self.values: list[float] = []
        self._sum = self._weighted = Influence(0.0, np.zeros(patients), np.zeros(patients))
        self._defined, self._weight = 0, 0.0

    def add(self, each: Influence, weight: float) -> None:
        """Add the metric of one more class, which weighs ``weight`` in the weighted mean; one that is undefined too."""
        self.values.append(each.value)
        if not np.isnan(each.value):
            self._sum, self._weighted = _plus(self._sum, each, 1.0), _plus(self._weighted, each, weight)
            self._defined, self._weight = self._defined + 1, self._weight + weight

    @property
    def mean(self) -> Influence:
        """The influence on the mean over the classes where the metric is defined."""
        return _over(self._sum, self._defined)

    @property
    def weighted(self) -> Influence:
        """The same with the classes' weights."""
        return _over(self._weighted, self._weight)


def _plus(first: Influence, second: Influence, weight: float) -> Influence:
    value, influence = first.value + weight * second.value, first.influence + weight * second.influence
    return Influence(value, influence, first.shares + weight * second.shares)


def _over(each: Influence, count: float) -> Influence:
    return Influence(each.value / count, each.influence / count, each.shares / count) if count else _undefined(each)


def _undefined(each: Influence) -> Influence:
    return Influence(np.nan, np.zeros_like(each.influence), np.zeros_like(each.shares))


class PatientInfluences:
    """The influence of each patient on each metric of one predictions table."""

    def __init__(self, predictions: Predictions, patients: Indices) -> None:
        self.predictions, self.patients = predictions, patients
        self.count = int(patients.max()) + 1
        self.truth = predictions.class_indices(predictions.labels)
        self.predicted = predictions.class_indices(predictions.predictions)
        self._of_classes: dict[int, Mapping[str, Influence]] = {}

    def of_class(self, class_index: int) -> Mapping[str, Influence]:
        """Return the influences on the metrics of a class against all others, by their names; computed once."""
        if class_index not in self._of_classes:
            self._of_classes[class_index] = self._of_class(class_index)
        return self._of_classes[class_index]

    def _of_class(self, class_index: int) -> Mapping[str, Influence]:
        is_class, is_said = self.truth == class_index, self.predicted == class_index
        members, said, hits = (self._sum(each) for each in (is_class, is_said, is_class & is_said))
        sizes = self._sum(np.ones(len(self.truth)))
        found = {
            "sensitivity": Influence.of_ratio(hits, members),
            "specificity": Influence.of_ratio(sizes - members - said + hits, sizes - members),
            "precision": Influence.of_ratio(hits, said),
            "f1": Influence.of_ratio(2 * hits, members + said),
        }
        probabilities = self.predictions.probabilities
        if probabilities is not None:
            found["auc"] = self._auc(probabilities[:, class_index], class_index)
        return found

    def overall(self, means: Mapping[str, MeanInfluence]) -> dict[str, Influence]:
        """Return the influences on the metrics over all classes; ``means`` has sensitivity, F1 and AUC of the classes.

        Each class has been added to them, in order.
        """
        sizes, f1 = self._sum(np.ones(len(self.truth))), means["f1"]
        # How many cases a class has is chance too.
        values = np.nan_to_num(f1.values)
        weighted = float(f1.weighted.value)
        of_sizes = (self._sum(values[self.truth]) - weighted * sizes) / len(self.truth)
        found = {
            "accuracy": Influence.of_ratio(self._sum(self.truth == self.predicted), sizes),
            "balanced_accuracy": means["sensitivity"].mean,
            "weighted_f1": Influence(weighted, f1.weighted.influence + of_sizes, f1.weighted.shares),
            "macro_f1": f1.mean,
        }
        if self.predictions.probabilities is not None:
            found["auc"] = means["auc"].mean
        if (probabilities := self.predictions.complete_probabilities) is not None:
            found["log_loss"] = Influence.of_ratio(self._sum(log_losses(probabilities, self.truth)), sizes)
        return found

    def _auc(self, scores: Floats, class_index: int) -> Influence:
        return auc_influence(scores, np.asarray(self.truth == class_index), self.patients, self.count)

    def _sum(self, values: Floats | Flags) -> Floats:
        """Return the sums over the cases of each patient, (patients,)."""
        return np.asarray(np.bincount(self.patients, weights=values, minlength=self.count), dtype=np.float64)


def auc_influence(scores: Floats, positive: Flags, patients: Indices, count: int) -> Influence:
    """Return the influence on an AUC (DeLong, DeLong, Clarke-Pearson, Biometrics 1988; ranks: Sun and Xu 2014).

    ``scores`` and ``positive`` (n,) are those of the cases, ``patients`` (n,) their patients' numbers, of ``count``.
    The cases that it is a mean of are the positive ones, or the others where these are of fewer patients.
    """
    positives, others = int(positive.sum()), int((~positive).sum())
    if not positives or not others or np.isnan(scores).any():
        return Influence(np.nan, np.zeros(count), np.zeros(count))
    won = np.empty(len(scores))
    won[positive] = _beaten(scores[positive], scores[~positive]) / others
    won[~positive] = 1 - _beaten(scores[~positive], scores[positive]) / positives
    value = float(won[positive].mean())
    sides = np.where(positive, positives, others)
    fewer = min((positive, ~positive), key=lambda side: len(np.unique(patients[side])))
    influence, shares, of_others = (
        np.bincount(patients, weights=each, minlength=count).astype(np.float64)
        for each in ((won - value) / sides, fewer / sides, ~fewer / sides)
    )
    return Influence(value, influence, shares, 1 / float(of_others @ of_others))


def _beaten(scores: Floats, others: Floats) -> Floats:
    """Return how many of the other scores each score is above, an equal one counted half, (n,)."""
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    return np.asarray((below + up_to) / 2, dtype=np.float64)
