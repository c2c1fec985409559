"""The intervals of one table: which are given, and why others are not."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.table_intervals import (
    FEWEST_OF_A_MEAN,
    TableIntervals,
    balanced_accuracy_interval,
    table_intervals,
    withheld_notes,
)
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small


def of(table: Predictions, word: str = "patients") -> TableIntervals:
    return table_intervals(table, table.patients, None, word)


def grouped(labels: str, predictions: str, groups: list[int]) -> Predictions:
    """Return a table whose cases are of the patients that ``groups`` number."""
    table = small(labels, predictions, "AB")
    return Predictions(**{**vars(table), "metadata": {"patient": np.array([f"P{each}" for each in groups])}})


def test_each_interval_holds_its_metric_and_is_wider_by_patient() -> None:
    table = random_table(5, 600, 4, per_patient=6)
    alone = Predictions(**{**vars(table), "metadata": {}})
    by_patient, by_case = of(table), of(alone, "cases")
    evaluation = evaluation_of(table)
    for name, interval in by_patient.overall.intervals.items():
        assert interval.low < getattr(evaluation, name) < interval.high
        narrow = by_case.overall.intervals[name]
        assert interval.high - interval.low > 1.5 * (narrow.high - narrow.low), name
    assert set(by_patient.overall.intervals) == {
        *("accuracy", "balanced_accuracy", "macro_f1", "auc", "weighted_f1", "kappa", "mcc"),
    }
    for name, metrics in evaluation.per_class.items():
        for metric, interval in by_patient.by_class[name].intervals.items():
            assert interval.low <= getattr(metrics, metric) <= interval.high


def test_a_mean_over_classes_is_as_wide_as_its_rarest_class_makes_it() -> None:
    """All of the class's two patients are right: the table shows no variance of it, which does not make it sure."""
    labels = "A" * 60 + "B" * 2
    said = "A" * 50 + "B" * 10 + "B" * 2
    rare = of(small(labels, said, "AB"), "cases").overall.intervals["balanced_accuracy"]
    frequent = of(small(labels + "B" * 58, said + "B" * 58, "AB"), "cases").overall.intervals["balanced_accuracy"]
    assert rare.high - rare.low > 2.5 * (frequent.high - frequent.low)
    assert rare.low < 0.8


def test_a_mean_has_no_interval_where_a_class_has_one_patient_and_names_it() -> None:
    labels, said = "A" * 12 + "B" * 6, "A" * 11 + "B" * 6 + "A"
    given = of(grouped(labels, said, [*range(12), *[20] * 6]))
    told = "1 patient of 'B': too few for an interval"
    assert given.overall.withheld == {"balanced_accuracy": told, "macro_f1": told}
    assert set(given.overall.intervals) == {"accuracy", "weighted_f1", "kappa", "mcc"}
    assert given.by_class["B"].withheld["sensitivity"] == "1 patient: too few for an interval"
    assert set(given.by_class["A"].intervals) >= {"sensitivity", "f1"}
    assert FEWEST_OF_A_MEAN == 2
    notes = list(withheld_notes(given))
    assert f"{told} of balanced accuracy, macro F1." in notes
    assert "1 patient: too few for an interval of specificity of 'A'." in notes


def test_a_table_of_four_patients_says_so_once() -> None:
    given = of(grouped("AB" * 20, "AB" * 20, [case // 10 for case in range(40)]))
    assert not given.overall.intervals
    assert not any(each.intervals for each in given.by_class.values())
    assert list(withheld_notes(given)) == ["4 patients: too few for an interval."]


@pytest.mark.parametrize("right", [True, False])
def test_all_right_or_all_wrong_is_not_sure(right: bool) -> None:
    labels = "AB" * 15
    given = of(small(labels, labels if right else labels.translate(str.maketrans("AB", "BA")), "AB"), "cases")
    assert set(given.overall.intervals) >= {"accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "kappa", "mcc"}
    for name, interval in given.overall.intervals.items():
        assert interval.high - interval.low > 0.05, name
        assert (interval.high if right else interval.low) == pytest.approx(
            1.0 if right else -1.0 if name in ("kappa", "mcc") else 0.0
        )


def test_scores_that_are_all_alike_leave_nothing_uncertain_of_the_auc() -> None:
    table = small("AB" * 20, "A" * 40, "AB", [[0.5, 0.5]] * 40)
    given = of(table, "cases")
    assert "auc" not in given.overall.intervals
    assert "auc" not in given.by_class["A"].intervals
    assert "auc" not in given.by_class["A"].withheld


def test_few_others_are_named_as_such() -> None:
    scores = np.linspace(0.9, 0.1, 23)
    given = of(small("A" * 20 + "BBB", "A" * 23, "AB", np.stack([scores, 1 - scores], axis=1).tolist()), "cases")
    assert given.by_class["A"].withheld["auc"] == "3 cases of other classes: too few for an interval"
    assert given.by_class["B"].withheld["auc"] == "3 cases: too few for an interval"


def test_the_balanced_accuracy_of_some_cases_is_that_of_their_table() -> None:
    table = random_table(6, 300, 3, per_patient=4)
    truth = table.class_indices(table.labels)
    correct = table.labels == table.predictions
    assert (
        balanced_accuracy_interval(truth, correct, table.patients + 7)
        == of(table).overall.intervals["balanced_accuracy"]
    )
    assert balanced_accuracy_interval(truth, correct, np.zeros(300, dtype=int)) is None
