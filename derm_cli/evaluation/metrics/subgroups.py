"""Subgroups: how a classifier does by sex, age, site, skin type and the rest, gaps that are no chance first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.evaluation.grouping import count_json, counted
from derm_cli.evaluation.intervals.effective_cases import interval_of_hits
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_A_SUBGROUP
from derm_cli.evaluation.intervals.resampling import DRAWS, LEVEL, Interval, Replicates, ResamplingMethod, counted_word
from derm_cli.evaluation.intervals.simultaneous import common_alpha
from derm_cli.evaluation.intervals.table_intervals import balanced_accuracy_interval
from derm_cli.evaluation.measure import EvaluationInput, Measure, measure_one
from derm_cli.evaluation.metrics.gaps import Gap, gap_of
from derm_cli.evaluation.metrics.severity import Severities, is_positive, predicted_severities, true_severities
from derm_cli.evaluation.metrics.subgroup_names import subgroup_names
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin.subgroup_columns import OWN_SUBGROUP
from derm_cli.taxonomy import MALIGNANT

SUBGROUP_COLUMNS = (
    *("sex", "age", "site", "fitzpatrick", "skin_tone", "image_type", "dataset"),
    *("quality", "focus", "brightness"),
)
"""The columns of a predictions table by which cases are cut, where it has them; beside them those of a dataset's own.
"""
NOTHING_SHARED = "no class of which both it and the others have enough"


@dataclass(frozen=True)
class Subgroup:
    """The cases with one value of a column.

    ``accuracy`` and ``balanced_accuracy`` (over the classes that it has) are in 0..1 with 95 % intervals; ``gap`` is
    its balanced accuracy less that of all other cases, both over the ``gap_classes`` classes that both sides have, None
    where one side has too few patients.  ``gap_interval`` holds for all gaps of the table together.  ``malignant``
    counts its malignant cases; ``malignant_sensitivity`` is the share of them whose most probable class is malignant,
    None without one.  ``warning`` says where it, or what is left without it, is too small to say anything.
    """

    column: str
    value: str
    cases: int
    groups: int | None
    classes: int
    accuracy: float
    balanced_accuracy: float
    gap: float | None
    gap_classes: int
    accuracy_interval: Interval | None
    balanced_accuracy_interval: Interval | None
    gap_interval: Interval | None
    malignant: int
    malignant_sensitivity: float | None
    malignant_interval: Interval | None
    warning: str | None
    group_word: str = "patients"

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval of the gap holds zero."""
        return self.gap_interval is not None and self.gap_interval.low <= 0 <= self.gap_interval.high

    @property
    def is_told(self) -> bool:
        """Whether the gap is more than chance gives, of all subgroups together."""
        return self.gap_interval is not None and not self.may_be_chance

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        values: dict[str, Any] = {}
        for name, value in vars(self).items():
            if name == "groups":
                values |= count_json(self.groups, self.group_word)
            elif name != "group_word":
                values[name] = value.to_json() if isinstance(value, Interval) else value
        return values | {"may_be_chance": self.may_be_chance}


@dataclass(frozen=True)
class Subgroups:
    """Every subgroup of every column: gaps that are more than chance first, what says nothing last."""

    subgroups: tuple[Subgroup, ...]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the subgroups as JSON values."""
        return [each.to_json() for each in self.subgroups]


def subgroups_of(
    predictions: Predictions, draws: int = DRAWS, seed: int = 0, severities: Severities | None = None
) -> tuple[Subgroup, ...]:
    """Return every subgroup of ``SUBGROUP_COLUMNS`` and the table's own, in the order of :class:`Subgroups`."""
    return measure_one(SubgroupMeasure(predictions, severities), predictions, draws, seed).subgroups


class SubgroupMeasure(Measure[Subgroups]):
    """Measures subgroups: accuracy, balanced accuracy and sensitivity for malignant, by each value of each column."""

    name = "slices"
    absent: ClassVar[list[Any] | None] = []

    def __init__(self, predictions: Predictions, severities: Severities | None = None) -> None:
        self.predictions, self.size = predictions, len(predictions.classes)
        truth = predictions.class_indices(predictions.labels)
        self.truth, self.predicted = truth, predictions.class_indices(predictions.predictions)
        self.patients = predictions.patients
        is_malignant = is_positive(true_severities(predictions, severities or {}), (MALIGNANT,))
        predicted_malignant = is_positive(predicted_severities(predictions, severities or {}), (MALIGNANT,))
        self.malignant = np.flatnonzero(is_malignant)
        self.detected = predicted_malignant[self.malignant].astype(np.intp)
        metadata = predictions.metadata
        own = (column for column in metadata if column.startswith(OWN_SUBGROUP))
        columns = [*(column for column in SUBGROUP_COLUMNS if column in metadata), *own]
        values = {column: subgroup_names(column, metadata[column]) for column in columns}
        coded = {column: np.unique(names, return_inverse=True) for column, names in values.items()}
        # A column that is the same everywhere cuts nothing.
        self.columns = {column: (names, codes) for column, (names, codes) in coded.items() if len(names) > 1}

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self:
        """Return the measure of the test cases."""
        return cls(inputs.test, inputs.severities)

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Subgroups:
        """Return the subgroups, with intervals unless ``replicates`` are empty."""
        places = [(column, code) for column, (names, _) in self.columns.items() for code in range(len(names))]
        gaps: dict[tuple[str, int], Gap] = {}
        warnings = {each: self._warning(*each, counted_word(method)) for each in places}
        for column, code in places:
            if warnings[column, code] is None:
                inside = self.columns[column][1] == code
                gap = gap_of(inside, self.truth, self.truth == self.predicted, self.patients, self.size)
                warnings[column, code] = None if gap else NOTHING_SHARED
                gaps |= {(column, code): gap} if gap else {}
        alpha = common_alpha([each.column for each in gaps.values()], 1 - LEVEL) if replicates else None
        subgroups = [
            self._subgroup(*place, method, gap=gaps.get(place), alpha=alpha, warning=warning)
            for place, warning in warnings.items()
        ]
        return Subgroups(tuple(sorted(subgroups, key=_place)))

    def _warning(self, column: str, code: int, word: str) -> str | None:
        """Return why the gap of a subgroup cannot be told; ``word`` is what is counted."""
        inside = self.columns[column][1] == code
        count, others = (len(np.unique(self.patients[each])) for each in (inside, ~inside))
        if count < FEWEST_OF_A_SUBGROUP:
            return f"too small to say anything: {counted(count, word)}"
        return f"too few others to compare with: {counted(others, word)}" if others < FEWEST_OF_A_SUBGROUP else None

    def _subgroup(
        self,
        column: str,
        code: int,
        method: ResamplingMethod,
        *,
        gap: Gap | None,
        alpha: float | None,
        warning: str | None,
    ) -> Subgroup:
        names, codes = self.columns[column]
        inside = codes == code
        malignant_inside = inside[self.malignant]
        malignant, detected = int(malignant_inside.sum()), int(self.detected[malignant_inside].sum())
        truth, correct, patients = (each[inside] for each in (self.truth, self.truth == self.predicted, self.patients))
        accuracy = balanced = of_malignant = None
        if alpha is not None:
            accuracy = interval_of_hits(correct, patients)
            balanced = balanced_accuracy_interval(truth, correct, patients)
            of_malignant = interval_of_hits(
                self.detected[malignant_inside] == 1, self.patients[self.malignant][malignant_inside]
            )
        return Subgroup(
            column=column,
            value=str(names[code]),
            cases=len(truth),
            groups=None if method == "bootstrap" else len(np.unique(patients)),
            classes=len(np.unique(truth)),
            accuracy=float(correct.mean()),
            balanced_accuracy=float(np.mean([correct[truth == each].mean() for each in np.unique(truth)])),
            gap=gap.value if gap else None,
            gap_classes=gap.classes if gap else 0,
            accuracy_interval=accuracy,
            balanced_accuracy_interval=balanced,
            gap_interval=gap.interval(alpha) if gap and alpha is not None else None,
            malignant=malignant,
            malignant_sensitivity=detected / malignant if malignant else None,
            malignant_interval=of_malignant,
            warning=warning,
            group_word="patients" if method == "bootstrap" else method,
        )


def _place(subgroup: Subgroup) -> tuple[bool, bool, float]:
    """Return what subgroups are sorted by; those whose gap may be chance keep the order of their columns."""
    return subgroup.warning is not None, not subgroup.is_told, -abs(subgroup.gap or 0.0) if subgroup.is_told else 0.0
