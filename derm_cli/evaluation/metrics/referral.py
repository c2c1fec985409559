"""Refer now, soon or not: two thresholds, and what each costs in lesions that were harmless."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.metrics.confusion import over, tally
from derm_cli.evaluation.metrics.severity import Floats, Severities, scores_of, severity_of_cases, threshold_for, truly
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import Drawn, Interval, of_cases, of_proportion
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
    intervals: dict[str, Interval] = field(default_factory=dict)

    @property
    def benign_per_malignant(self) -> float | None:
        """How many benign lesions are seen for a malignant one, None where there is none."""
        return self.counts[BENIGN] / self.counts[MALIGNANT] if self.counts[MALIGNANT] else None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            **vars(self),
            "sought": list(self.sought),
            "intervals": {name: each.to_json() for name, each in self.intervals.items()},
            "benign_per_malignant": self.benign_per_malignant,
        }


class ReferralTable:
    """The cases of a known severity by their level, made ready for draws."""

    def __init__(self, levels: npt.NDArray[np.intp], severities: npt.NDArray[np.intp], rules: Rules) -> None:
        """Take each case's place in LEVELS and in SEVERITIES, both (n,), the latter -1 where it is unknown."""
        self.used = np.flatnonzero(severities >= 0)
        self.cells = levels[self.used] * len(SEVERITIES) + severities[self.used]
        self.rules = rules

    @classmethod
    def of(
        cls,
        test: Predictions,
        severities: Severities,
        validation: Predictions | None,
        refer_at: tuple[float, float] = REFER_AT,
    ) -> ReferralTable | None:
        """Choose both thresholds on ``validation``; None where it, or a probability, or a case to be found is lacking.

        *Now* are cases whose summed probability of the malignant classes is the first threshold or more, *soon* those
        of the others whose sum of malignant and indeterminate is the second or more.
        """
        truth = severity_of_cases(test, severities)
        if validation is None or not (truth >= 0).any():
            return None
        levels = np.full(len(truth), LEVELS.index("no"), dtype=np.intp)
        rules: Rules = (((), None, None),)
        # The most urgent level is given last, so that no later one takes its cases.
        for level, sought, target in ((1, SOUGHT[1], refer_at[1]), (0, SOUGHT[0], refer_at[0])):
            scores, chosen = scores_of(test, severities, sought), scores_of(validation, severities, sought)
            wanted = truly(validation, severities, sought)
            if scores is None or chosen is None or not wanted.any():
                return None
            threshold = threshold_for(chosen, wanted, target)
            levels[scores >= threshold] = level
            rules = ((sought, target, threshold), *rules)
        return cls(levels, truth, rules)

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return the share of each severity, by column, that has each level, by row, (draws, 3, 3)."""
        counts = tally(self.cells, (len(LEVELS), len(SEVERITIES)), of_cases(weights, self.used))
        return {"referral": over(counts, np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape))}

    def levels(self, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> tuple[ReferralLevel, ...]:
        """Return the levels, with the intervals that ``drawn`` gives, which may be empty."""
        counts = tally(self.cells, (len(LEVELS), len(SEVERITIES))).astype(int)
        totals = counts.sum(axis=0).tolist()
        return tuple(
            self._level(level, counts[level].tolist(), totals, drawn["referral"][:, level] if drawn else None, method)
            for level in range(len(LEVELS))
        )

    def _level(
        self,
        level: int,
        counts: list[int],
        totals: list[int],
        drawn: Floats | None,
        method: Literal["bootstrap", "patients"],
    ) -> ReferralLevel:
        """Return a level with ``counts`` of ``totals`` cases by severity, and the draws of their shares, (draws, 3)."""
        parts = {name: (counts[place], totals[place]) for place, name in enumerate(SEVERITIES)}
        ends: dict[str, Interval | None] = {}
        if drawn is not None:
            draws = dict(zip(SEVERITIES, drawn.T, strict=True))
            ends = {name: of_proportion(*part, draws[name], method) for name, part in parts.items()}
        return ReferralLevel(
            LEVELS[level],
            *self.rules[level],
            cases=sum(counts),
            share=sum(counts) / len(self.used),
            counts={name: part for name, (part, _) in parts.items()},
            shares={name: part / whole if whole else None for name, (part, whole) in parts.items()},
            intervals={name: each for name, each in ends.items() if each is not None},
        )
