import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.metrics.selective_prediction import selective_curve
from tests.support.synthetic_tables import calibrated, random_table, small


def test_abstaining_from_the_least_confident_helps() -> None:
    logits, truth = calibrated(3000)
    curve = selective_curve(softmax(logits), truth)
    assert (curve[0].answered, curve[-1].answered) == (1.0, 0.1)
    assert curve[0].accuracy == pytest.approx((logits.argmax(axis=1) == truth).mean())
    assert curve[-1].accuracy > curve[0].accuracy + 0.1
    assert [each.confidence for each in curve] == sorted(each.confidence for each in curve)


def test_the_curve_needs_probabilities_and_has_no_interval() -> None:
    table = random_table(0, 60, 3)
    assert table.probabilities is not None
    truth = table.class_indices(table.labels)
    judgement = judge(table, {}, draws=10)
    assert (
        judgement.selective_prediction
        == judge(table, {}, draws=0).selective_prediction
        == selective_curve(table.probabilities, truth)
    )
    assert judgement.to_json()["abstention"][0] == vars(judgement.selective_prediction[0])
    assert judge(small("AB", "AB", "AB"), {}, draws=0).to_json()["abstention"] == []
