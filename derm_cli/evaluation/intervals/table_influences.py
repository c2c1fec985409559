"""Every metric of a table with its variance between patients, and the cases that it is a mean of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.intervals.effective_cases import Estimate, Sample
from derm_cli.evaluation.intervals.influence import Influence, MeanInfluence, PatientInfluences
from derm_cli.evaluation.intervals.ranking_variance import average_precision_influence
from derm_cli.evaluation.predictions import Predictions

SHARES = ("sensitivity", "specificity", "precision", "npv")
OVERLAP = "overlap"
"""The Jaccard index of a class, TP of TP + FP + FN: F1 is 2 J / (1 + J)."""


@dataclass(frozen=True)
class ClassEstimates:
    """One class against all others: its metrics, and the cases that each is a share of.

    ``estimates`` has those of :data:`SHARES` and :data:`OVERLAP`, ``f1``, ``auc`` and ``average_precision``; NaN where
    undefined.  ``samples`` has the cases of the shares.
    """

    name: str
    estimates: Mapping[str, Estimate]
    samples: Mapping[str, Sample]

    @property
    def positives(self) -> Sample:
        """The cases of the class."""
        return self.samples["sensitivity"]

    @property
    def negatives(self) -> Sample:
        """All other cases."""
        return self.samples["specificity"]


class TableInfluences(PatientInfluences):
    """The influence of each patient on every metric that a table has."""

    def __init__(self, predictions: Predictions, patients: Indices) -> None:
        super().__init__(predictions, patients)
        self.sizes = self._sum(np.ones(len(self.truth)))

    @cached_property
    def correct(self) -> Flags:
        """Whether each case is right, (n,)."""
        return np.asarray(self.truth == self.predicted)

    def share(self, hits: Flags | Floats) -> tuple[Estimate, Sample]:
        """Return the share of all cases that are ``hits``, (n,), and the cases."""
        return Estimate.of(Influence.of_ratio(self._sum(hits), self.sizes)), Sample.of(self.sizes)

    def class_estimates(self, class_index: int, means: Mapping[str, MeanInfluence]) -> ClassEstimates:
        """Return the metrics of a class against all others, and add its sensitivity, F1 and AUC to ``means``."""
        is_class, is_said = self.truth == class_index, self.predicted == class_index
        members, said, hits = (self._sum(each) for each in (is_class, is_said, is_class & is_said))
        rejected = self.sizes - members - said + hits
        shares = {
            "sensitivity": (hits, members),
            "specificity": (rejected, self.sizes - members),
            "precision": (hits, said),
            "npv": (rejected, self.sizes - said),
            OVERLAP: (hits, members + said - hits),
        }
        influences = {name: Influence.of_ratio(*each) for name, each in shares.items()}
        influences["f1"] = Influence.of_ratio(2 * hits, members + said)
        probabilities = self.predictions.probabilities
        if probabilities is not None:
            influences["auc"] = self._auc(probabilities[:, class_index], class_index)
            influences["average_precision"] = self._average_precision(probabilities[:, class_index], is_class)
        for metric, mean in means.items():
            if metric in influences:
                mean.add(influences[metric], float(is_class.sum()))
        return ClassEstimates(
            self.predictions.classes[class_index],
            {name: Estimate.of(each) for name, each in influences.items()},
            {name: Sample.of(cases) for name, (_, cases) in shares.items()},
        )

    def _average_precision(self, scores: Floats, is_class: Flags) -> Influence:
        if is_class.all() or not is_class.any() or np.isnan(scores).any():
            return Influence(np.nan, np.zeros(self.count), np.zeros(self.count))
        value, influence = average_precision_influence(scores, is_class)
        return Influence(value, self._sum(influence), self._sum(is_class) / is_class.sum())

    def weighted_f1(self, means: MeanInfluence) -> Influence:
        """Return the influence on the mean F1 by the classes' cases; ``means`` has every class's, weighed by them."""
        weighted = means.weighted
        # How many cases a class has is chance too.
        of_sizes = self._sum(np.nan_to_num(means.values)[self.truth] - weighted.value) / len(self.truth)
        return Influence(weighted.value, weighted.influence + of_sizes, weighted.shares)

    def coefficients(self) -> dict[str, Influence]:
        """Return the influences on Cohen's kappa and Matthews's coefficient; none that is undefined."""
        count, size = len(self.truth), len(self.predictions.classes)
        labels, said = (np.bincount(each, minlength=size) / count for each in (self.truth, self.predicted))
        accuracy, chance = float(self.correct.mean()), float(labels @ said)
        if chance >= 1:
            return {}
        of_accuracy = self.correct - accuracy
        of_chance = said[self.truth] + labels[self.predicted] - 2 * chance
        kappa = (accuracy - chance) / (1 - chance)
        of_kappa = (of_accuracy * (1 - chance) - of_chance * (1 - accuracy)) / (1 - chance) ** 2
        found: dict[str, tuple[float, Floats]] = {"kappa": (kappa, np.asarray(of_kappa))}
        of_labels, of_said = (
            2 * (share @ share - share[each]) for share, each in ((labels, self.truth), (said, self.predicted))
        )
        spread_of_labels, spread_of_said = 1 - labels @ labels, 1 - said @ said
        if spread_of_labels > 0 and spread_of_said > 0:
            root = np.sqrt(spread_of_labels * spread_of_said)
            mcc = (accuracy - chance) / root
            relative = of_labels / spread_of_labels + of_said / spread_of_said
            found["mcc"] = (float(mcc), np.asarray((of_accuracy - of_chance) / root - mcc / 2 * relative))
        shares = self.sizes / count
        return {
            name: Influence(value, self._sum(influence) / count, shares) for name, (value, influence) in found.items()
        }
