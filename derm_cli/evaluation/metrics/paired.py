"""Classifiers on the same cases as a first one: the differences of their metrics, and who is right more often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from derm_cli.errors import DermError
from derm_cli.evaluation.grouping import GroupWord, count_json
from derm_cli.evaluation.intervals.influence import PatientInfluences
from derm_cli.evaluation.intervals.sign_flips import sign_flip_p
from derm_cli.evaluation.metrics.paired_metrics import (
    MetricDifference,
    differences_together,
    paired_metrics,
)
from derm_cli.evaluation.predictions import Predictions

OVERALL = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "auc")
"""The metrics over all classes that are compared, by their names in :mod:`.metric_table`."""


@dataclass(frozen=True)
class PairedComparison:
    """Two classifiers on the same cases.

    ``only_first`` and ``only_second`` are the cases that one alone got right; ``p_value`` is that of no difference
    between them: of McNemar's exact ``test`` (McNemar 1947; binomial, two-sided), or, where patients have several
    cases, of their sign flips (:func:`.sign_flips.sign_flip_p`).  ``groups`` counts the patients there, or what is kept
    together in their place and is what the ``test`` is called; it is else None.
    """

    cases: int
    groups: int | None
    only_first: int
    only_second: int
    test: Literal["mcnemar"] | GroupWord
    p_value: float
    overall: tuple[MetricDifference, ...]
    per_class: dict[str, tuple[MetricDifference, ...]]

    @property
    def mcnemar(self) -> float | None:
        """The p-value of McNemar's test; None where patients have several cases, for which it does not hold."""
        return self.p_value if self.test == "mcnemar" else None

    @property
    def without_interval(self) -> dict[str, list[str]]:
        """The classes of which some difference has no interval, by the reason why."""
        classes: dict[str, list[str]] = {}
        for name, differences in self.per_class.items():
            for reason in dict.fromkeys(each.reason for each in differences if each.reason):
                classes.setdefault(reason, []).append(name)
        return classes

    def to_json(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        return {
            **{name: value for name, value in vars(self).items() if name != "groups"},
            **count_json(self.groups, self.test),
            "mcnemar": self.mcnemar,
            "overall": [each.to_json() for each in self.overall],
            "per_class": {
                name: [each.to_json() for each in differences] for name, differences in self.per_class.items()
            },
        }


def paired_comparisons(
    first: Predictions,
    others: Mapping[str, Predictions],
    name: str,
    *,
    intervals: bool = True,
    class_intervals: bool | None = None,
) -> dict[str, PairedComparison]:
    """Compare each of ``others`` with the first, whose ``name`` errors tell, case by case.

    The intervals of all overall differences hold together, as do those of the classes of one of the others, which
    ``class_intervals`` leaves out where it is False; by default it is as ``intervals``.

    Raises DermError where the classes or the cases differ, or a case's label does: metrics of other photographs cannot
    be compared.
    """
    aligned = {other: _aligned(first, table, (name, other)) for other, table in others.items()}
    of_first = PatientInfluences(first, first.patients)
    metrics = {other: paired_metrics(first, table, of_first) for other, table in aligned.items()}
    for_classes = intervals if class_intervals is None else class_intervals
    groups = int(first.patients.max()) + 1
    several = groups < len(first.labels)
    word = first.group_word if several else "cases"
    compared = {
        other: [overall[each] for each in OVERALL if each in overall] for other, (overall, _) in metrics.items()
    }
    family = differences_together([each for row in compared.values() for each in row], word, intervals=intervals)
    comparisons, told = {}, iter(family)
    for other, (overall, per_class) in metrics.items():
        of_classes = iter(
            differences_together([each for row in per_class for each in row], word, intervals=for_classes)
        )
        accuracy = overall["accuracy"]
        assert accuracy.discordance is not None
        only_first, only_second = accuracy.discordance.only_first, accuracy.discordance.only_second
        comparisons[other] = PairedComparison(
            len(first.labels),
            groups if several else None,
            only_first,
            only_second,
            first.group_word if several else "mcnemar",
            sign_flip_p(accuracy.contributions),
            tuple(next(told) for _ in compared[other]),
            {label: tuple(next(of_classes) for _ in row) for label, row in zip(first.classes, per_class, strict=True)},
        )
    return comparisons


def paired_comparison(
    first: Predictions, second: Predictions, names: tuple[str, str], *, intervals: bool = True
) -> PairedComparison:
    """Compare two classifiers, case by case, as :func:`paired_comparisons` does."""
    return paired_comparisons(first, {names[1]: second}, names[0], intervals=intervals)[names[1]]


def _aligned(first: Predictions, second: Predictions, names: tuple[str, str]) -> Predictions:
    """Return the second in the order of the first's cases."""
    first_cases, second_cases = set(first.case_ids), set(second.case_ids)
    if first_cases != second_cases:
        unpaired = sorted(first_cases - second_cases) or sorted(second_cases - first_cases)
        owner = names[0] if first_cases - second_cases else names[1]
        raise DermError(
            f"'{names[0]}' and '{names[1]}' were not judged on the same cases ('{unpaired[0]}' is one of "
            f"{len(unpaired)} that only '{owner}' has): compare what was judged on one test part."
        )
    if set(first.classes) != set(second.classes):
        unshared = sorted(set(first.classes) ^ set(second.classes))
        raise DermError(
            f"'{names[0]}' and '{names[1]}' have not the same classes ('{unshared[0]}' is of one alone): compare what "
            "has one target."
        )
    row_of = {case: row for row, case in enumerate(second.case_ids)}
    order = np.array([row_of[case] for case in first.case_ids], dtype=np.intp)
    labels = second.labels[order]
    if (mismatches := np.flatnonzero(labels != first.labels)).size:
        row = int(mismatches[0])
        raise DermError(
            f"Case '{first.case_ids[row]}' is '{first.labels[row]}' in '{names[0]}', but '{labels[row]}' in "
            f"'{names[1]}': compare tables with the same labels."
        )
    probabilities = second.probabilities
    if probabilities is not None:
        probabilities = probabilities[order][:, [second.classes.index(name) for name in first.classes]]
    return Predictions(first.classes, first.case_ids, labels, second.predictions[order], probabilities, first.metadata)
