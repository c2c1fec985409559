"""Referral now, soon or not: two thresholds, and what each costs in lesions that were harmless."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.confusion import count_cells, ratio
from derm_cli.evaluation.metrics.severity import is_positive, positive_scores, threshold_for, true_severities
from derm_cli.evaluation.resampling import (
    Intervals,
    Replicates,
    ResamplingMethod,
    intervals_json,
    metric_intervals,
    weights_of_cases,
)
from derm_cli.taxonomy import BENIGN, INDETERMINATE, MALIGNANT, SEVERITIES

LEVELS = ("now", "soon", "no")
"""When a lesion is to be seen, the most urgent first."""
SOUGHT = ((MALIGNANT,), (INDETERMINATE, MALIGNANT))
"""What *now* and *soon* are to find."""
Rules = tuple[tuple[tuple[str, ...], float | None, float | None], ...]
"""What each level is to find, the sensitivity it was chosen for, and its threshold."""


@dataclass(frozen=True)
class ReferralLevel:
    """The test cases of one level.

    ``target`` is the share of ``sought`` that ``threshold`` finds on the validation part, with the levels before it;
    both are None of those who are not referred.  ``counts`` are cases by true severity, ``shares`` these of all cases
    of that severity, 0..1, None where there is none, with their ``intervals``.
    """

    name: str
    sought: tuple[str, ...]
    target: float | None
    threshold: float | None
    cases: int
    share: float
    counts: dict[str, int]
    shares: dict[str, float | None]
    intervals: Intervals = field(default_factory=dict)

    @property
    def benign_per_malignant(self) -> float | None:
        """How many benign lesions are seen for a malignant one, None where there is none."""
        return self.counts[BENIGN] / self.counts[MALIGNANT] if self.counts[MALIGNANT] else None

    def to_json(self) -> dict[str, Any]:
        """Return the level as JSON values."""
        return {
            **vars(self),
            "sought": list(self.sought),
            "intervals": intervals_json(self.intervals),
            "benign_per_malignant": self.benign_per_malignant,
        }


@dataclass(frozen=True)
class Referral:
    """The test cases by when they are to be seen: a level each of :data:`LEVELS`."""

    levels: tuple[ReferralLevel, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the levels as JSON values."""
        return [level.to_json() for level in self.levels]


class ReferralMeasure(Measure[Referral]):
    """Measures referral: the share of the cases of each severity that has each level of referral."""

    name = "referral"
    absent: ClassVar[list[Any] | None] = []

    def __init__(self, levels: Indices, severities: Indices, rules: Rules) -> None:
        """Take each case's index in LEVELS and in SEVERITIES, both (n,), the latter -1 where it is unknown."""
        self.judged = np.flatnonzero(severities >= 0)
        self.cells = levels[self.judged] * len(SEVERITIES) + severities[self.judged]
        self.rules = rules

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Choose both thresholds on the validation part, for the sensitivities ``refer_at``.

        *Now* are cases whose summed probability of the malignant classes is the first threshold or more, *soon* those
        of the others whose sum of malignant and indeterminate is the second or more.  None where the validation part,
        a probability, a severity, or a case to be found is lacking.
        """
        test, validation, severities = inputs.test, inputs.validation, inputs.severities
        truth = true_severities(test, severities)
        if validation is None or not inputs.has_severity or not (truth >= 0).any():
            return None
        levels = np.full(len(truth), LEVELS.index("no"), dtype=np.intp)
        rules: Rules = (((), None, None),)
        # The most urgent level is given last, so that no later one takes its cases.
        for level, sought, target in ((1, SOUGHT[1], inputs.refer_at[1]), (0, SOUGHT[0], inputs.refer_at[0])):
            scores = positive_scores(test, severities, sought)
            validation_scores = positive_scores(validation, severities, sought)
            to_find = is_positive(true_severities(validation, severities), sought)
            if scores is None or validation_scores is None or not to_find.any():
                return None
            threshold = threshold_for(validation_scores, to_find, target)
            levels[scores >= threshold] = level
            rules = ((sought, target, threshold), *rules)
        return cls(levels, truth, rules)

    def replicates(self, weights: Weights) -> Replicates:
        """Return the share of each severity, by column, that has each level, by row, (draws, 3, 3)."""
        shape = (len(LEVELS), len(SEVERITIES))
        counts = count_cells(self.cells, shape, weights_of_cases(weights, self.judged))
        return {"shares": ratio(counts, np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape))}

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Referral:
        """Return the levels, with the intervals that ``replicates`` give, which may be empty."""
        counts = count_cells(self.cells, (len(LEVELS), len(SEVERITIES))).astype(int)
        totals = counts.sum(axis=0).tolist()
        shares = replicates.get("shares")
        return Referral(
            tuple(
                self._level(level, counts[level].tolist(), totals, None if shares is None else shares[:, level], method)
                for level in range(len(LEVELS))
            )
        )

    def _level(
        self, level: int, counts: list[int], totals: list[int], shares: Floats | None, method: ResamplingMethod
    ) -> ReferralLevel:
        """Return a level with ``counts`` of ``totals`` cases by severity; ``shares`` has their draws, (draws, 3)."""
        proportions = dict(zip(SEVERITIES, zip(counts, totals, strict=True), strict=True))
        replicates = {} if shares is None else dict(zip(SEVERITIES, shares.T, strict=True))
        return ReferralLevel(
            LEVELS[level],
            *self.rules[level],
            cases=sum(counts),
            share=sum(counts) / len(self.judged),
            counts={name: count for name, (count, _) in proportions.items()},
            shares={name: count / total if total else None for name, (count, total) in proportions.items()},
            intervals=metric_intervals(replicates, method, proportions),
        )
