"""Questions with two answers: each class against all others, and malignant against what is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.measure import EvaluationInput
from derm_cli.evaluation.metrics.effective_cases import Sample
from derm_cli.evaluation.metrics.severity import is_positive, positive_scores, true_severities
from derm_cli.evaluation.resampling import LEVEL, Interval, Replicates, ResamplingMethod, percentile_interval
from derm_cli.taxonomy import INDETERMINATE, MALIGNANT, SEVERITIES

FEWEST = 10
"""Patients on each side below which draws of them give no interval that covers."""


@dataclass(frozen=True)
class Question:
    """A question with two answers: of ``cases`` (m,), rows of the test part, which are ``positive`` (m,).

    ``scores`` (m,) are the probabilities that they are.
    """

    cases: Indices
    positive: Flags
    scores: Floats

    @property
    def has_both(self) -> bool:
        """Whether there are cases on both sides."""
        return bool(self.positive.any()) and not bool(self.positive.all())

    def equal_groups(self, groups: Indices) -> tuple[int, int]:
        """Return of how many groups the positive cases are, and the negative ones.

        ``groups`` (n,) tell which cases of the test part are of one patient.  Where these have unequal numbers of
        cases, as many count as equal ones would tell as much.
        """
        sides = (self.cases[self.positive], self.cases[~self.positive])
        positive, negative = (Sample.of(np.bincount(groups[side]).astype(np.float64)) for side in sides)
        return int(positive.equal + 0.5), int(negative.equal + 0.5)

    def too_few(self, groups: Indices, method: ResamplingMethod, fewest: int = FEWEST) -> str | None:
        """Return why draws give no interval, in a few words, None where they do."""
        word = "cases" if method == "bootstrap" else method
        for count, of in zip(self.equal_groups(groups), ("", " of the others"), strict=True):
            if count < fewest:
                return f"{counted(count, word)}{of}: too few for an interval"
        return None

    def intervals(
        self, replicates: Replicates, index: int, groups: Indices, method: ResamplingMethod
    ) -> dict[str, Interval]:
        """Return the interval of each metric, by name, from its column ``index`` of the draws', (draws, k).

        Percentile intervals are too narrow where there are few patients on a side.  So they go from further out, as
        far as the quantile of t is beyond the normal one (the expanded percentile interval: Hesterberg, The American
        Statistician 2015, section 5.3).
        """
        from scipy.stats import norm, t

        count = max(2, min(self.equal_groups(groups)))
        out = float(np.sqrt(count / (count - 1)) * t.ppf((1 + LEVEL) / 2, count - 1))
        level = float(2 * norm.cdf(out) - 1)
        intervals = {name: percentile_interval(values[:, index], method, level) for name, values in replicates.items()}
        return {name: interval for name, interval in intervals.items() if interval is not None}


def class_questions(inputs: EvaluationInput) -> dict[str, Question]:
    """Return the question of each class against all others, by its name; none unless all classes have probabilities."""
    probabilities = inputs.probabilities
    if probabilities is None:
        return {}
    every = np.arange(len(inputs.truth))
    return {
        name: Question(every, inputs.truth == index, probabilities[:, index])
        for index, name in enumerate(inputs.test.classes)
    }


def malignant_question(inputs: EvaluationInput, *, with_indeterminate: bool) -> Question | None:
    """Return the question for malignant lesions, None without probabilities, or where no severity is known.

    ``with_indeterminate`` counts indeterminate lesions among those that are not malignant, as a probability of
    malignant has to be judged by; without, they are left out, as in triage.
    """
    if not inputs.has_severity:
        return None
    scores = positive_scores(inputs.test, inputs.severities, (MALIGNANT,))
    truth = true_severities(inputs.test, inputs.severities)
    judged = truth >= 0
    if not with_indeterminate:
        judged &= truth != SEVERITIES.index(INDETERMINATE)
    if scores is None or not judged.any():
        return None
    cases = np.flatnonzero(judged)
    return Question(cases, is_positive(truth[cases], (MALIGNANT,)), scores[cases])
