"""Referral now, soon or not: two thresholds, and what each costs in lesions that were harmless."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.array_types import Indices
from derm_cli.evaluation.intervals.effective_cases import intervals_of_hits
from derm_cli.evaluation.intervals.resampling import Intervals, Replicates, ResamplingMethod, intervals_json
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.confusion import count_cells
from derm_cli.evaluation.metrics.promises import Promise, promise
from derm_cli.evaluation.metrics.severity import is_positive, positive_scores, true_severities
from derm_cli.taxonomy import BENIGN, INDETERMINATE, MALIGNANT, SEVERITIES

LEVELS = ("now", "soon", "no")
"""When a lesion is to be seen, the most urgent first."""
SOUGHT = ((MALIGNANT,), (INDETERMINATE, MALIGNANT))
"""What *now* and *soon* are to find."""
Rules = tuple[tuple[tuple[str, ...], Promise | None], ...]
"""What each level is to find, and what its threshold promises."""


@dataclass(frozen=True)
class ReferralLevel:
    """The test cases of one level.

    ``target`` is the share of ``sought`` that ``threshold`` finds, with the levels before it, and ``promise`` tells
    what it was chosen on; all three are None of those who are not referred.  ``counts`` are cases by true severity,
    ``shares`` these of all cases of that severity, 0..1, None where there is none, with their ``intervals``.
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
    promise: Promise | None = None

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
            "promise": self.promise and self.promise.to_json(),
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

    def __init__(self, levels: Indices, severities: Indices, rules: Rules, groups: Indices) -> None:
        """Take each case's index in LEVELS and in SEVERITIES, the latter -1 where it is unknown, both (n,).

        ``groups`` (n,) are the numbers of the cases' patients.
        """
        self.judged = np.flatnonzero(severities >= 0)
        self.cells = levels[self.judged] * len(SEVERITIES) + severities[self.judged]
        self.rules, self.groups = rules, groups[self.judged]

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Choose both thresholds on the validation part, for the sensitivities ``refer_at``.

        *Now* are cases whose summed probability of the malignant classes is the first threshold or more, *soon* those
        of the others whose sum of malignant and indeterminate is the second or more.  None where the validation part,
        a probability or a severity is lacking, and where the cases to be found are too few to promise both.
        """
        test, promises = inputs.test, referral_promises(inputs)
        truth = true_severities(test, inputs.severities)
        if not promises or not (truth >= 0).any():
            return None
        levels = np.full(len(truth), LEVELS.index("no"), dtype=np.intp)
        # The most urgent level is given last, so that no later one takes its cases.
        for level in (1, 0):
            scores, threshold = positive_scores(test, inputs.severities, SOUGHT[level]), promises[level].threshold
            if scores is None or threshold is None:
                return None
            levels[scores >= threshold] = level
        return cls(levels, truth, (*zip(SOUGHT, promises, strict=True), ((), None)), test.patients)

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Referral:  # noqa: ARG002
        """Return the levels, with intervals unless ``replicates`` are empty."""
        counts = count_cells(self.cells, (len(LEVELS), len(SEVERITIES))).astype(int)
        totals = counts.sum(axis=0).tolist()
        return Referral(
            tuple(
                self._level(level, counts[level].tolist(), totals, intervals=bool(replicates))
                for level in range(len(LEVELS))
            )
        )

    def _level(self, level: int, counts: list[int], totals: list[int], *, intervals: bool) -> ReferralLevel:
        """Return a level with ``counts`` of ``totals`` cases by severity, with ``intervals`` or without."""
        sought, promised = self.rules[level]
        proportions = dict(zip(SEVERITIES, zip(counts, totals, strict=True), strict=True))
        own, severity = self.cells // len(SEVERITIES) == level, self.cells % len(SEVERITIES)
        hits = {name: (own, severity == index) for index, name in enumerate(SEVERITIES)}
        return ReferralLevel(
            LEVELS[level],
            sought,
            promised.target if promised else None,
            promised.threshold if promised else None,
            cases=sum(counts),
            share=sum(counts) / len(self.judged),
            counts={name: count for name, (count, _) in proportions.items()},
            shares={name: count / total if total else None for name, (count, total) in proportions.items()},
            intervals=intervals_of_hits(hits, self.groups) if intervals else {},
            promise=promised,
        )


def referral_promises(inputs: EvaluationInput) -> tuple[Promise, ...]:
    """Return what the validation part can promise, or not, for *now* and for *soon*; nothing where it has no score."""
    validation = inputs.validation
    if validation is None or not inputs.has_severity:
        return ()
    truth = true_severities(validation, inputs.severities)
    promises = []
    for sought, target in zip(SOUGHT, inputs.refer_at, strict=True):
        scores, to_find = positive_scores(validation, inputs.severities, sought), is_positive(truth, sought)
        if scores is None:
            return ()
        promises.append(promise(scores[to_find], validation.patients[to_find], target, validation.group_word))
    return tuple(promises)
