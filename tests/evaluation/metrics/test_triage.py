import numpy as np
import pytest

from derm_cli.evaluation.intervals.resampling import wilson_interval
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.triage import triage
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import SEVERITIES, referral_table, small


def test_by_hand() -> None:
    rows = [[0.1, 0.0, 0.9]] * 18 + [[0.6, 0.0, 0.4], [0.9, 0.0, 0.1]]
    validation = small("M" * 19 + "B", "M" * 19 + "B", "BIM", rows)
    test = small(
        "MMBBI",
        "MBBMI",
        "BIM",
        [[0.2, 0.0, 0.8], [0.7, 0.0, 0.3], [0.9, 0.0, 0.1], [0.5, 0.0, 0.5], [0.2, 0.5, 0.3]],
    )
    result = triage(test, SEVERITIES, validation, draws=0)
    assert result is not None
    assert result.counts.tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    without, everything = result.without_indeterminate, result.with_indeterminate
    assert without is not None
    assert everything is not None
    assert (without.cases, without.positives, everything.cases, everything.positives) == (4, 2, 5, 3)
    # 95 % of one more case like the 19 malignant ones of the validation part are all of these: 0.4.
    point = next(each for each in without.points if each.target == 0.95)
    assert point.threshold == pytest.approx(0.4)
    assert (point.sensitivity, point.specificity, point.precision, point.npv) == (0.5, 0.5, 0.5, 0.5)
    assert (point.found, point.missed, point.unneeded) == (1, 1, 1)
    assert point.referred == 2 / 5, "of all cases, the indeterminate one among them, which is not"
    assert point.promise is not None
    assert (point.promise.cases, point.promise.groups, point.promise.needed) == (19, 19, 19)
    assert point.to_json()["promise"]["interval"][0] == pytest.approx(0.025 ** (1 / 19))
    assert [(each.target, each.needed, each.cases) for each in without.refused] == [(0.98, 49, 19), (0.99, 99, 19)]
    assert [each["target"] for each in without.to_json()["refused"]] == [0.98, 0.99]
    assert without.auc == 0.75
    point = next(each for each in everything.points if each.target == 0.95)
    assert (point.found, point.missed, point.unneeded) == (2, 1, 1)
    # At its word: one of two malignant cases is said to be malignant, and one of two benign ones.
    as_predicted = without.as_said
    assert (
        as_predicted.found,
        as_predicted.missed,
        as_predicted.unneeded,
        as_predicted.sensitivity,
        as_predicted.specificity,
    ) == (1, 1, 1, 0.5, 0.5)
    assert everything.as_said.sensitivity == pytest.approx(2 / 3)


@pytest.mark.parametrize("rule", ["without_indeterminate", "with_indeterminate"])
def test_referred_is_the_share_of_all_cases_whatever_is_to_be_found(rule: str) -> None:
    """Two of four cases are referred at 0.4, one of them indeterminate: in both tasks and by hand."""
    validation = small("M" * 19, "M" * 19, "BIM", [[0.6, 0.0, 0.4]] * 19)
    test = small("MIBB", "MMBB", "BIM", [[0.2, 0.0, 0.8], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0], [0.9, 0.0, 0.1]])
    result = triage(test, SEVERITIES, validation, draws=0)
    assert result is not None
    task = getattr(result, rule)
    assert {point.referred for point in task.points} == {0.5}
    assert task.as_said.referred == 0.5


def test_a_patient_of_the_validation_part_promises_no_more_than_one() -> None:
    validation, table = referral_table(600, 1), referral_table(300, 0)
    patients = {"patient": np.array([f"P{case % 12}" for case in range(600)])}
    grouped = Predictions(**{**vars(validation), "metadata": patients})
    result = triage(table, SEVERITIES, grouped, draws=0)
    assert result is not None
    assert result.with_indeterminate is not None
    assert [point.target for point in result.with_indeterminate.points] == [0.8, 0.9]
    assert [(each.groups, each.needed) for each in result.with_indeterminate.refused] == [(12, 19), (12, 49), (12, 99)]


def test_the_threshold_comes_from_validation_and_never_from_the_test_part() -> None:
    test, one, other = referral_table(500, 0), referral_table(300, 1), referral_table(300, 2)
    results = triage(test, SEVERITIES, one, draws=0), triage(test, SEVERITIES, other, draws=0)
    thresholds = [each.with_indeterminate.points[0].threshold for each in results if each and each.with_indeterminate]
    assert thresholds[0] != thresholds[1]
    alone = triage(test, SEVERITIES, None, draws=0)
    assert alone is not None
    assert alone.with_indeterminate is not None
    assert alone.with_indeterminate.points == ()
    assert alone.with_indeterminate.auc is not None


def test_on_many_cases_the_target_is_met_and_lies_in_its_interval() -> None:
    result = triage(referral_table(4000, 0), SEVERITIES, referral_table(4000, 1), draws=300)
    assert result is not None
    for side in (result.without_indeterminate, result.with_indeterminate):
        assert side is not None
        assert side.auc_interval is not None
        assert side.auc_interval.low < (side.auc or 0) < side.auc_interval.high
        referred = [point.referred for point in side.points]
        assert referred == sorted(referred)
        for point in side.points:
            assert point.sensitivity == pytest.approx(point.target, abs=0.03)
            interval = point.intervals["sensitivity"]
            assert interval.low <= (point.sensitivity or 0) <= interval.high
            assert interval.method == "wilson"


def test_a_case_has_the_severity_of_its_own_diagnosis_where_it_is_told() -> None:
    places = np.array(["Malignant:x", "", "Indeterminate:y"])
    test = Predictions(
        ("B", "M"), ("1", "2", "3"), np.array(["B", "B", "M"]), np.array(["B", "B", "M"]), None, {"diagnosis": places}
    )
    result = triage(test, SEVERITIES, draws=0)
    assert result is not None
    assert result.counts.tolist() == [[1, 0, 0], [0, 0, 1], [1, 0, 0]]
    side = result.without_indeterminate
    assert side is not None
    # Without probabilities the most probable class is all there is: the malignant case was said to be benign.
    assert (side.cases, side.positives, side.auc, side.points) == (2, 1, None, ())
    assert (side.as_said.sensitivity, side.as_said.specificity) == (0.0, 1.0)
    assert (side.as_said.target, side.as_said.threshold) == (None, None)


def test_patients_widen_the_intervals_of_an_operating_point() -> None:
    test, validation = referral_table(600, 3), referral_table(600, 4)
    patients = {"patient": np.array([f"P{rank // 30}" for rank in np.argsort(test.labels, kind="stable").argsort()])}
    grouped = Predictions(**{**vars(test), "metadata": patients})
    alone, by_patient = (triage(each, SEVERITIES, validation, draws=400) for each in (test, grouped))
    assert alone is not None
    assert by_patient is not None
    assert alone.with_indeterminate is not None
    assert by_patient.with_indeterminate is not None
    wide, narrow = (each.with_indeterminate.points[0].intervals["specificity"] for each in (by_patient, alone))
    assert (wide.method, narrow.method) == ("effective", "wilson")
    assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)


def test_few_patients_to_find_have_no_interval_and_why_is_said() -> None:
    labels, said = "M" * 12 + "B" * 30, "M" * 10 + "B" * 31 + "M"
    scores = np.linspace(0.9, 0.1, 42)
    test = small(labels, said, "MB", np.stack([scores, 1 - scores], axis=1).tolist())
    patients = {"patient": np.array([f"P{case // 4}" for case in range(42)])}
    judged = judge(Predictions(**{**vars(test), "metadata": patients}), SEVERITIES, draws=1)
    task = judged.triage.without_indeterminate
    mixed = "12 cases, as 3 patients would have: too few for an interval"
    assert task.no_interval == {
        **dict.fromkeys(("sensitivity", "auc"), "3 patients: too few for an interval"),
        **dict.fromkeys(("precision", "npv"), mixed),
    }
    assert (task.auc_interval, set(task.as_said.intervals)) == (None, {"specificity"})
    assert "3 patients: too few for an interval of sensitivity, AUC for malignant." in judged.notes
    assert judged.to_json()["triage"]["without_indeterminate"]["no_interval"] == task.no_interval
    bare = triage(test, SEVERITIES, draws=0)
    assert bare.without_indeterminate.no_interval == {}
    alone = triage(test, SEVERITIES, draws=1).without_indeterminate
    assert alone.no_interval == {}
    assert alone.as_said.intervals["sensitivity"] == wilson_interval(10, 12)


def test_without_severities_or_with_unknown_ones() -> None:
    assert triage(referral_table(20, 0), {}) is None
    result = triage(small("BMX", "BMX", "BMX"), SEVERITIES, draws=0)
    assert result is not None
    assert result.unknown == 1
    assert int(result.counts.sum()) == 2
