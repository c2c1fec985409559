"""The intervals of one table: which are given, and why others are not."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.intervals.fewest import FEWEST_OF_A_MEAN
from derm_cli.evaluation.intervals.influence import MeanInfluence
from derm_cli.evaluation.intervals.table_influences import TableInfluences
from derm_cli.evaluation.intervals.table_intervals import (
    TableIntervals,
    balanced_accuracy_interval,
    table_intervals,
    withheld_notes,
)
from derm_cli.evaluation.metrics.classification import evaluation_of
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
    mixed = "6 cases of other classes than 'A', as 2 patients would have: too few for an interval"
    others = dict.fromkeys(("accuracy", "weighted_f1", "kappa", "mcc"), mixed)
    assert given.overall.withheld == {"balanced_accuracy": told, "macro_f1": told, **others}
    assert not given.overall.intervals
    assert given.by_class["B"].withheld["sensitivity"] == "1 patient: too few for an interval"
    assert set(given.by_class["A"].intervals) == {"sensitivity"}
    assert FEWEST_OF_A_MEAN == 2
    notes = list(withheld_notes(given))
    assert f"{told} of balanced accuracy, macro F1." in notes
    assert "1 patient: too few for an interval of specificity of 'A'." in notes
    assert f"{mixed} of accuracy, weighted F1, Cohen's kappa, Matthews correlation." in notes


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


@pytest.mark.parametrize(("patients", "given"), [(20, True), (8, False)])
def test_what_depends_on_how_frequent_classes_are_needs_five_typical_patients_of_both(
    patients: int, given: bool
) -> None:
    """Of ten photographs of each patient four are of the rarer class: of 8 patients they are as 3 of one class have."""
    table = grouped("AAAAAABBBB" * patients, "AAAABABBBA" * patients, [case // 10 for case in range(10 * patients)])
    found = of(table)
    depend = {"accuracy", "weighted_f1", "kappa", "mcc"}
    assert set(found.overall.intervals) == {"balanced_accuracy", "macro_f1"} | (depend if given else set())
    told = f"{4 * patients} cases of other classes than 'A', as 3 patients would have: too few for an interval"
    assert found.overall.withheld == ({} if given else dict.fromkeys(depend, told))
    for name in "AB":
        of_class = found.by_class[name]
        assert set(of_class.intervals) - {"precision", "npv", "f1"} == {"sensitivity", "specificity"}
        assert {"precision", "npv", "f1"} & set(of_class.intervals if given else of_class.withheld) == {
            *("precision", "npv", "f1"),
        }
    alone = of(Predictions(**{**vars(table), "metadata": {}}), "cases")
    assert not alone.overall.withheld


def test_macro_f1_is_too_low_of_few_cases_and_its_interval_reaches_further_up_for_it() -> None:
    """Every other patient has most of a class's cases, and is right in these alone."""
    labels = "".join("A" * 8 + "B" * 2 if patient % 2 else "A" * 2 + "B" * 8 for patient in range(24))
    said = "".join("A" * 10 if patient % 2 else "B" * 10 for patient in range(24))
    table = grouped(labels, said, [case // 10 for case in range(240)])
    means = {metric: MeanInfluence(24) for metric in ("sensitivity", "f1", "auc")}
    influences = TableInfluences(table, table.patients)
    bias = float(np.mean([influences.class_estimates(each, means).estimates["f1"].bias for each in (0, 1)]))
    found, value = of(table).overall.intervals, evaluation_of(table).macro_f1
    assert value == pytest.approx(evaluation_of(table).balanced_accuracy)
    f1, sensitivity = found["macro_f1"], found["balanced_accuracy"]
    assert bias < -0.005
    assert f1.high - value - (value - f1.low) > sensitivity.high - value - (value - sensitivity.low) - bias


def test_one_class_alone_is_meant_to_be_that() -> None:
    assert set(of(grouped("A" * 40, "A" * 36 + "B" * 4, [case // 4 for case in range(40)])).overall.intervals) >= {
        "accuracy"
    }
