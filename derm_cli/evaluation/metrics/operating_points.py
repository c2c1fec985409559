"""Operating points: sensitivity, specificity and cases found by each rule of referral, where it is yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.intervals.effective_cases import Sample, intervals_of_hits
from derm_cli.evaluation.intervals.ranking_variance import interval_of_auc
from derm_cli.evaluation.intervals.resampling import Interval, Intervals, intervals_json
from derm_cli.evaluation.intervals.table_intervals import OF_A_MIX
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.confusion import confusion_matrix
from derm_cli.evaluation.metrics.promises import Promise, promise
from derm_cli.evaluation.metrics.questions import mixed_too_little
from derm_cli.evaluation.metrics.ranking import Ranking
from derm_cli.evaluation.metrics.severity import (
    Severities,
    has_sides,
    is_positive,
    positive_scores,
    predicted_severities,
    true_severities,
)
from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import INDETERMINATE

TARGETS = (0.80, 0.90, 0.95, 0.98, 0.99)
"""The sensitivities for which thresholds are chosen."""


@dataclass(frozen=True)
class OperatingPoint:
    """The sensitivity, specificity and counts of one rule on the test part.

    Positive are the cases to be found, negative the others.  ``target`` is the sensitivity for which ``threshold`` was
    chosen on the validation part: a case whose score is the threshold or more is referred.  Both are None where a case
    is referred whose most probable class is one to be found.  ``referred`` is the share of all cases of known severity
    that the rule refers, indeterminate ones among them whatever is to be found.  Shares are 0..1, None where undefined.
    ``promise`` tells what the threshold was chosen on, and where its true sensitivity lies.
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
    promise: Promise | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            **vars(self),
            "intervals": intervals_json(self.intervals),
            "promise": self.promise and self.promise.to_json(),
        }


@dataclass(frozen=True)
class BinaryTriage:
    """Malignant against benign, indeterminate lesions left out or to be found too.

    ``as_said`` takes the most probable class at its word; ``auc`` needs probabilities, but no threshold.  ``points``
    are the operating points by their target sensitivity, none where there is no validation part to choose them on: a
    threshold that is chosen on the test part would flatter itself.  ``refused`` are the promises that the validation
    part has too few cases for.  ``no_interval`` says why metrics have none.
    """

    positive: tuple[str, ...]
    cases: int
    positives: int
    auc: float | None
    auc_interval: Interval | None
    as_said: OperatingPoint
    points: tuple[OperatingPoint, ...]
    refused: tuple[Promise, ...] = ()
    no_interval: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            **vars(self),
            "positive": list(self.positive),
            "auc_interval": self.auc_interval and self.auc_interval.to_json(),
            "as_said": self.as_said.to_json(),
            "points": [point.to_json() for point in self.points],
            "refused": [each.to_json() for each in self.refused],
            "no_interval": dict(self.no_interval),
        }


@dataclass(frozen=True)
class BinaryTask:
    """A binary triage task: the severities to be found, the cases that are judged, and the rules of referral.

    ``judged`` are the rows of the test part, ``to_find`` tells which of them are positive; ``scores`` and ``groups``,
    numbers of patients, are theirs, and ``word`` is what these are called.  The first rule takes the most probable
    class at its word, the others have a threshold that promises something; ``refused`` promises have none.  ``cells``
    of each rule are the judged cases' cells in its confusion matrix, true · 2 + referred, and ``referred`` has the
    share that it refers of all cases of known severity.
    """

    positive: tuple[str, ...]
    judged: Indices
    to_find: Flags
    scores: Floats | None
    groups: Indices
    word: str
    rules: tuple[Promise | None, ...]
    refused: tuple[Promise, ...]
    cells: tuple[Indices, ...]
    referred: tuple[float, ...]

    @classmethod
    def of(
        cls, test: Predictions, severities: Severities, positive: tuple[str, ...], validation: Predictions | None
    ) -> BinaryTask | None:
        """Choose the thresholds on ``validation``, if there is one; None where no case of ``test`` can be judged."""
        truth = true_severities(test, severities)
        judged = np.flatnonzero(has_sides(truth, with_indeterminate=INDETERMINATE in positive))
        if not len(judged):
            return None
        groups = test.patients
        to_find, scores = is_positive(truth, positive)[judged], positive_scores(test, severities, positive)
        promises = () if scores is None else _promises(severities, positive, validation)
        kept = [each for each in promises if each.threshold is not None]
        referred = [is_positive(predicted_severities(test, severities), positive)]
        if scores is not None:
            referred += [scores >= threshold for each in kept if (threshold := each.threshold) is not None]
        return cls(
            positive,
            judged,
            to_find,
            None if scores is None else scores[judged],
            groups[judged],
            "cases" if groups.max() + 1 == len(groups) else test.group_word,
            (None, *kept),
            tuple(each for each in promises if each.threshold is None),
            tuple(to_find.astype(np.intp) * 2 + by_rule[judged] for by_rule in referred),
            tuple(float(by_rule[truth >= 0].mean()) for by_rule in referred),
        )

    def result(self, *, intervals: bool) -> BinaryTriage:
        """Return the operating point of each rule, with ``intervals`` or without."""
        as_predicted, *at_thresholds = (
            self._operating_point(rule, intervals=intervals) for rule in range(len(self.rules))
        )
        ranking = None if self.scores is None else Ranking.of(self.scores, self.to_find)
        return BinaryTriage(
            self.positive,
            len(self.judged),
            int(self.to_find.sum()),
            none_if_nan(ranking.auc(np.ones((1, len(self.judged))))[0]) if ranking else None,
            None if self.scores is None or not intervals else interval_of_auc(self.scores, self.to_find, self.groups),
            as_predicted,
            tuple(at_thresholds),
            self.refused,
            self._withheld(has_auc=ranking is not None) if intervals else {},
        )

    def _withheld(self, *, has_auc: bool) -> dict[str, str]:
        """Return why metrics have no interval, whatever the rule."""
        sides = {"sensitivity": (self.to_find, ""), "specificity": (~self.to_find, " of the others")}
        found = {}
        for metric, (side, of) in sides.items():
            why = Sample.of_cases(self.groups[side]).too_few(self.word, of)
            if why and side.any():
                found[metric] = why
        if found and has_auc:
            found["auc"] = found.get("sensitivity") or found["specificity"]
        return found | (dict.fromkeys(OF_A_MIX, self._mixed_too_little) if self._mixed_too_little else {})

    @cached_property
    def _mixed_too_little(self) -> str | None:
        """Return why the cases do not tell how frequent those to find are, which predictive values depend on."""
        everyone, positive = Sample.of_cases(self.groups), int(self.to_find.sum())
        return mixed_too_little(everyone, positive, self.word)

    def _operating_point(self, rule: int, *, intervals: bool) -> OperatingPoint:
        promised = self.rules[rule]
        (rejected, unneeded), (missed, found) = confusion_matrix(self.cells[rule], 2).astype(int).tolist()
        proportions = {
            "sensitivity": (found, found + missed),
            "specificity": (rejected, rejected + unneeded),
            "precision": (found, found + unneeded),
            "npv": (rejected, rejected + missed),
        }
        is_referred = self.cells[rule] % 2 == 1
        # The hits of each share among the cases that it is a share of.
        shares = {
            "sensitivity": (is_referred, self.to_find),
            "specificity": (~is_referred, ~self.to_find),
            "precision": (self.to_find, is_referred),
            "npv": (~self.to_find, ~is_referred),
        }
        if self._mixed_too_little:
            shares = {name: each for name, each in shares.items() if name not in OF_A_MIX}
        return OperatingPoint(
            promised.target if promised else None,
            promised.threshold if promised else None,
            **{name: hits / cases if cases else None for name, (hits, cases) in proportions.items()},
            referred=self.referred[rule],
            found=found,
            missed=missed,
            unneeded=unneeded,
            intervals=intervals_of_hits(shares, self.groups) if intervals else {},
            promise=promised,
        )


def _promises(severities: Severities, positive: tuple[str, ...], validation: Predictions | None) -> tuple[Promise, ...]:
    """Return what the validation part can promise, or not, for each target; nothing where none is to be found there."""
    if validation is None:
        return ()
    scores = positive_scores(validation, severities, positive)
    to_find = is_positive(true_severities(validation, severities), positive)
    if scores is None or not to_find.any():
        return ()
    scores, groups, word = scores[to_find], validation.patients[to_find], validation.group_word
    return tuple(promise(scores, groups, target, word) for target in TARGETS)
