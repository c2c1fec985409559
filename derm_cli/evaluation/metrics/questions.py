"""Questions with two answers: each class against all others, and malignant against what is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.measure import EvaluationInput
from derm_cli.evaluation.metrics.severity import is_positive, positive_scores, true_severities
from derm_cli.taxonomy import INDETERMINATE, MALIGNANT, SEVERITIES


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
