"""Questions with two answers: each class against all others, and malignant against what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.intervals.effective_cases import Estimate, Sample
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_A_MIXED_QUESTION, FEWEST_OF_DRAWS
from derm_cli.evaluation.intervals.resampling import (
    LEVEL,
    Interval,
    Intervals,
    Replicates,
    ResamplingMethod,
    counted_word,
    expanded_level,
    metric_intervals,
)
from derm_cli.evaluation.intervals.t_intervals import Transformation, t_interval
from derm_cli.evaluation.measure import EvaluationInput
from derm_cli.evaluation.metrics.severity import has_sides, is_positive, positive_scores, true_severities
from derm_cli.taxonomy import MALIGNANT

T = TypeVar("T")


def mixed_too_little(everyone: Sample, positive: int, word: str) -> str | None:
    """Return why a table with so many ``positive`` cases has a side by chance, None where it has both for sure."""
    return everyone.side_mixed_too_little(positive, word, ("", " of the others"), FEWEST_OF_A_MIXED_QUESTION)


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

    @property
    def counts(self) -> tuple[int, int]:
        """The number of cases, and that of the positive ones among them."""
        return len(self.cases), int(self.positive.sum())

    def equal_groups(self, groups: Indices) -> tuple[int, int]:
        """Return of how many groups the positive cases are, and the negative ones.

        ``groups`` (n,) tell which cases of the test part are of one patient.  Where these have unequal numbers of
        cases, as many count as equal ones would tell as much.
        """
        positive, negative = self._sides(groups)
        return int(positive.equal + 0.5), int(negative.equal + 0.5)

    def _sides(self, groups: Indices) -> tuple[Sample, Sample]:
        """Return the positive cases and the negative ones; ``groups`` as in :meth:`equal_groups`."""
        of_cases = groups[self.cases]
        return Sample.of_cases(of_cases[self.positive]), Sample.of_cases(of_cases[~self.positive])

    def drawn(
        self, replicates: Replicates, groups: Indices, method: ResamplingMethod, fewest: int = FEWEST_OF_DRAWS
    ) -> DrawnIntervals:
        """Return the intervals of the question's metrics from the draws', each (draws, k), or why there are none.

        ``groups`` as in :meth:`equal_groups`; ``fewest`` are those that each side must have.  There are none either
        where the table has a side by chance (:meth:`.effective_cases.Sample.mixed_too_little`).
        """
        why = self.too_few(groups, counted_word(method), fewest) if replicates and self.has_both else None
        if why:
            return DrawnIntervals({}, method, LEVEL, why)
        return DrawnIntervals(replicates, method, expanded_level(min(self.equal_groups(groups))))

    def too_few(self, groups: Indices, word: str, fewest: int = FEWEST_OF_DRAWS) -> str | None:
        """Return why there are too few patients for an interval, as :meth:`drawn`; ``word`` is what they are called."""
        for each, of in zip(self.equal_groups(groups), ("", " of the others"), strict=True):
            if each < fewest:
                return f"{counted(each, word)}{of}: too few for an interval"
        return mixed_too_little(Sample.of_cases(groups[self.cases]), self.counts[1], word)

    def t_interval(
        self,
        value: float,
        influence: Floats,
        variance: float,
        groups: Indices,
        by: Transformation = Transformation.PLAIN,
    ) -> Interval:
        """Return the interval of a metric by the ``influence`` of each case on it, (m,).

        ``variance`` is that of independent cases; the assumed one is larger, as on the side where patients have more
        cases.  ``groups`` as in :meth:`equal_groups`.
        """
        positive, negative = self._sides(groups)
        of_patients = np.bincount(groups[self.cases], weights=influence).astype(np.float64)
        estimate = Estimate(value, float(of_patients @ of_patients))
        assumed = variance * max(positive.assumed_design, negative.assumed_design)
        return t_interval(estimate, assumed, min(positive.equal, negative.equal), by)


@dataclass(frozen=True)
class DrawnIntervals:
    """Intervals of metrics from their values in draws, each (draws, k), or ``why`` there are none.

    They go to ``level``, by :func:`expanded_level` of the patients on the side that has fewer.
    """

    replicates: Replicates
    method: ResamplingMethod
    level: float
    why: str | None = None

    def at(self, index: int) -> Intervals:
        """Return the interval of each metric, by name, from its column ``index``; none of one that has none."""
        columns = {name: values[:, index] for name, values in self.replicates.items()}
        return metric_intervals(columns, self.method, self.level)


@dataclass(frozen=True)
class Questions:
    """The questions of a table: ``per_class``, each against all others, and for ``malignant``, None if none is known.

    ``groups`` (n,) tell which cases of the test part are of one patient, by which draws are made.
    """

    per_class: Mapping[str, Question]
    malignant: Question | None
    groups: Indices

    @classmethod
    def of(cls, inputs: EvaluationInput, *, with_indeterminate: bool) -> Questions | None:
        """Return those of the test cases, as :func:`malignant_question`; None without probabilities of every class."""
        if inputs.probabilities is None:
            return None
        malignant = malignant_question(inputs, with_indeterminate=with_indeterminate)
        return cls(class_questions(inputs), malignant, inputs.test.patients)

    @property
    def all(self) -> list[Question]:
        """All of them: those of the classes, and the last for malignant."""
        return [*self.per_class.values(), *([self.malignant] if self.malignant else [])]

    def by_class(self, results: Sequence[T]) -> tuple[dict[str, T], T | None]:
        """Return what there is of each question, in the order of ``all``, by class, and for malignant."""
        return dict(zip(self.per_class, results, strict=False)), results[-1] if self.malignant else None


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
    judged = has_sides(truth, with_indeterminate=with_indeterminate)
    if scores is None or not judged.any():
        return None
    cases = np.flatnonzero(judged)
    return Question(cases, is_positive(truth[cases], (MALIGNANT,)), scores[cases])
