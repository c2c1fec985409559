from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.measure import measure_one
from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.metrics.selective_prediction import SelectiveMeasure, SelectivePoint
from tests.support.synthetic_tables import calibrated, random_table, small


def curve(probabilities: np.ndarray, truth: np.ndarray) -> tuple[SelectivePoint, ...]:
    return SelectiveMeasure(probabilities, truth).result({}, "bootstrap").points


def test_abstaining_from_the_least_confident_helps() -> None:
    logits, truth = calibrated(3000)
    points = curve(softmax(logits), truth)
    assert (points[0].answered, points[-1].answered) == (1.0, 0.1)
    assert points[0].accuracy == pytest.approx((logits.argmax(axis=1) == truth).mean())
    assert points[-1].accuracy > points[0].accuracy + 0.1
    assert [each.confidence for each in points] == sorted(each.confidence for each in points)


def test_a_point_by_hand() -> None:
    """Of ten cases the five most confident have 0.9 or more: three of four A right, and none of one B."""
    confidence = np.array([0.95, 0.95, 0.9, 0.9, 0.9, 0.8, 0.8, 0.7, 0.6, 0.55])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    probabilities[2] = probabilities[2, ::-1]
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    point = next(each for each in curve(probabilities, truth) if each.answered == 0.5)
    assert (point.confidence, point.accuracy, point.balanced_accuracy) == (0.9, 0.6, 0.375)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_constant_table_does_not_climb_whatever_its_order(order: list[int]) -> None:
    """Sorted by label it went up to 100 %, though nothing tells one case from another."""
    truth = np.repeat(order, 50)
    (point,) = curve(np.tile([0.7, 0.3], (100, 1)), truth)
    assert (point.answered, point.confidence, point.accuracy) == (1.0, 0.7, 0.5)


def test_cases_of_equal_confidence_are_answered_together() -> None:
    table = random_table(0, 200, 3, decimals=1)
    assert table.probabilities is not None
    rounded, truth = table.probabilities.round(1), table.class_indices(table.labels)
    points, shuffled = curve(rounded, truth), np.random.default_rng(0).permutation(200)
    assert curve(rounded[shuffled], truth[shuffled]) == points
    for each in points:
        assert each.answered == (rounded.max(axis=1) >= each.confidence).mean()
    assert len({each.answered for each in points}) == len(points)


def test_the_curve_has_a_band_and_a_wider_one_by_patients() -> None:
    """Of patients with ten equal photographs each; the share stays, the band is of those who are drawn."""
    table = random_table(0, 600, 3, per_patient=10)
    alone = replace(table, metadata={})
    by_patient, by_case = (
        measure_one(
            SelectiveMeasure(each.probabilities, each.class_indices(each.labels), each.patients), each, 1
        ).points
        for each in (table, alone)
        if each.probabilities is not None
    )
    assert len(by_patient) == len(by_case) > 10
    for one, other in zip(by_patient, by_case, strict=True):
        assert (one.answered, one.accuracy) == (other.answered, other.accuracy)
        # The most confident are of one class nearly all: how often others are among them cannot be told.
        if "accuracy" not in one.intervals:
            assert one.answered < 0.5
            assert "of other classes than" in one.withheld["accuracy"]
        else:
            assert one.intervals["accuracy"].low <= one.accuracy <= one.intervals["accuracy"].high
        written = one.to_json()
        assert {*written["intervals"], *written["no_interval"]} == {"accuracy", "balanced_accuracy"}
    widths = [each.intervals["accuracy"].high - each.intervals["accuracy"].low for each in (by_patient[0], by_case[0])]
    assert widths[0] > 2 * widths[1]


def test_the_band_of_the_whole_table_is_that_of_its_own_metrics() -> None:
    table = random_table(0, 300, 3, per_patient=3)
    judgement = judge(table, {}, draws=1)
    whole, *_, last = judgement.selective_prediction
    assert whole.answered == 1.0
    assert whole.intervals == {name: judgement.evaluation.intervals[name] for name in whole.intervals}
    assert whole.intervals.keys() == {"accuracy", "balanced_accuracy"}
    assert last.answered < 0.2


def test_few_patients_have_no_band_but_why() -> None:
    table = random_table(0, 80, 2, per_patient=20)
    point = judge(table, {}, draws=1).selective_prediction[0]
    assert point.intervals == {}
    assert point.to_json()["no_interval"]["accuracy"] == "4 patients: too few for an interval"


def test_a_class_of_too_few_is_called_by_its_name() -> None:
    rare = small("N" * 30 + "M", "N" * 30 + "M", "NM", [[0.9, 0.1]] * 30 + [[0.2, 0.8]])
    points = judge(rare, {}, draws=1).selective_prediction
    assert points[0].withheld["balanced_accuracy"] == "1 case of 'M': too few for an interval"


def test_the_curve_needs_probabilities() -> None:
    table = random_table(0, 60, 3)
    judgement = judge(table, {}, draws=10)
    assert [replace(each, intervals={}, withheld={}) for each in judgement.selective_prediction] == list(
        judge(table, {}, draws=0).selective_prediction
    )
    assert judgement.to_json()["abstention"][0] == judgement.selective_prediction[0].to_json()
    assert judge(small("AB", "AB", "AB"), {}, draws=0).to_json()["abstention"] == []
