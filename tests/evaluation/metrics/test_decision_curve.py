import numpy as np
import pytest

from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.decision_curve import THRESHOLDS, DecisionCurve, DecisionCurveMeasure
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import calibrated_table, random_table

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate", "C03": "malignant"}


def curve_of(table: Predictions, draws: int = 0) -> DecisionCurve:
    measure = DecisionCurveMeasure.of(EvaluationInput(table, SEVERITIES))
    assert measure is not None
    return measure_one(measure, table, draws)


@pytest.mark.parametrize("decimals", [1, 6])
def test_net_benefit_is_what_is_counted_by_hand(decimals: int) -> None:
    """Of all cases, indeterminate ones too: found less referred in vain, these weighed by the threshold's odds."""
    table = random_table(1, 300, 4, decimals=decimals)
    assert table.probabilities is not None
    scores, malignant = table.probabilities[:, [1, 3]].sum(axis=1), np.isin(table.labels, ["C01", "C03"])
    curve = curve_of(table)
    assert (curve.cases, curve.malignant) == (300, malignant.sum())
    assert [point.threshold for point in curve.points] == list(THRESHOLDS)
    for point in curve.points:
        referred, odds = scores >= point.threshold, point.threshold / (1 - point.threshold)
        net_benefit = ((referred & malignant).sum() - (referred & ~malignant).sum() * odds) / 300
        refer_all = malignant.mean() - (1 - malignant.mean()) * odds
        assert point.net_benefit == pytest.approx(net_benefit)
        assert point.refer_all == pytest.approx(refer_all)
        assert point.gain == pytest.approx(net_benefit - refer_all)


def test_calibrated_probabilities_are_of_use_at_every_threshold() -> None:
    table = calibrated_table(sorted(SEVERITIES))
    assert all(point.net_benefit > 0 and point.gain > -1e-3 for point in curve_of(table).points)


def test_intervals_are_by_patient_and_that_of_the_gain_is_paired() -> None:
    points = curve_of(random_table(0, 400, 4, per_patient=4), 300).points
    point = points[9]
    assert {each.method for each in point.intervals.values()} == {"patients"}
    width = {name: each.high - each.low for name, each in point.intervals.items()}
    assert width["gain"] < max(width["net_benefit"], width["refer_all"])
    assert all(point.intervals[name].low <= getattr(point, name) <= point.intervals[name].high for name in width)


@pytest.mark.parametrize("kept", [["C00", "C02"], ["C01", "C03"]])
def test_without_both_sides_there_is_none(kept: list[str]) -> None:
    table = random_table(0, 100, 4)
    assert table.probabilities is not None
    rows = np.flatnonzero(np.isin(table.labels, kept))
    part = Predictions(
        table.classes,
        tuple(map(str, rows)),
        table.labels[rows],
        table.predictions[rows],
        table.probabilities[rows],
    )
    assert DecisionCurveMeasure.of(EvaluationInput(part, SEVERITIES)) is None
    assert DecisionCurveMeasure.of(EvaluationInput(table, {})) is None


def test_where_malignant_lesions_are_few_patients_worth_there_is_no_interval_but_why() -> None:
    """Twenty-four patients with one malignant lesion each, among 25 others of theirs: one patient has as many."""
    patients = np.repeat(np.arange(48), 26)
    malignant = (np.arange(len(patients)) % 26 == 0) & (patients < 24)
    probabilities = np.random.default_rng(0).dirichlet(np.ones(2), len(patients))
    names = np.array(["C00", "C01"])
    table = Predictions(
        ("C00", "C01"),
        tuple(map(str, range(len(patients)))),
        names[malignant.astype(int)],
        names[probabilities.argmax(axis=1)],
        probabilities,
        metadata={"patient": np.array([f"P{each}" for each in patients])},
    )
    curve = curve_of(table, 50)
    assert curve.no_interval == "24 cases, as 1 patient would have: too few for an interval"
    assert not any(point.intervals for point in curve.points)
