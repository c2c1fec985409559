import numpy as np
import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.predictive_values import PredictiveValue, predictive_values, ratio_interval
from derm_cli.evaluation.metrics.triage import triage
from derm_cli.evaluation.resampling import wilson_interval
from tests.support.synthetic_tables import random_table, small

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate", "C03": "benign"}


def of_class(labels: str, predictions: str, prevalence: float) -> PredictiveValue:
    evaluation = evaluation_of(small(labels, predictions, "AB"), 20)
    (found,) = predictive_values({"A": prevalence}, evaluation, None).values
    return found


def test_by_hand() -> None:
    """Sensitivity 0.8, specificity 0.9, at 2 %: of 1,000, 16 are found, and 98 are said to be that are not."""
    found = of_class("A" * 10 + "B" * 20, "A" * 8 + "BB" + "A" * 2 + "B" * 18, 0.02)
    assert found.ppv == pytest.approx(16 / (16 + 98))
    assert found.npv == pytest.approx(882 / (882 + 4))


def test_at_the_prevalence_of_the_table_they_are_its_own() -> None:
    table = random_table(0, 300, 4)
    evaluation = evaluation_of(table, 50)
    for name, metrics in evaluation.per_class.items():
        (found,) = predictive_values({name: metrics.support / 300}, evaluation, None).values
        assert (found.ppv, found.npv) == pytest.approx((metrics.precision, metrics.npv))
        for interval, value in ((found.intervals["ppv"], found.ppv), (found.intervals["npv"], found.npv)):
            assert value is not None
            assert 0 <= interval.low < value < interval.high <= 1


def test_of_malignant_there_is_a_row_for_each_rule_of_triage() -> None:
    test, validation = random_table(0, 300, 4), random_table(1, 300, 4)
    judged = triage(test, SEVERITIES, validation, 50)
    assert judged is not None
    assert judged.without_indeterminate is not None
    found = predictive_values({"malignant": 0.1}, evaluation_of(test, 0), judged).values
    points = (judged.without_indeterminate.as_said, *judged.without_indeterminate.points)
    assert [each.target for each in found] == [point.target for point in points]
    for each, point in zip(found, points, strict=True):
        assert point.sensitivity is not None
        assert point.specificity is not None
        right, wrong = 0.1 * point.sensitivity, 0.9 * (1 - point.specificity)
        assert each.ppv == pytest.approx(right / (right + wrong))
        assert {"ppv", "npv"} == each.intervals.keys()


@pytest.mark.parametrize(
    ("cases", "said", "ppv", "npv"),
    [
        ((12, 30), (12, 0), 1.0, 1.0),  # all are right: the intervals have a width all the same
        ((12, 30), (0, 0), None, 0.98),  # A is never said
        ((12, 30), (12, 30), 0.02, None),
        ((0, 30), (0, 0), None, None),  # no A: no sensitivity
    ],
)
def test_where_all_or_none_are_right(
    cases: tuple[int, int], said: tuple[int, int], ppv: float | None, npv: float | None
) -> None:
    """Of so many A and B so many are said to be A."""
    predictions = "".join("A" * of_side + "B" * (count - of_side) for count, of_side in zip(cases, said, strict=True))
    found = of_class("A" * cases[0] + "B" * cases[1], predictions, 0.02)
    for name, value in (("ppv", ppv), ("npv", npv)):
        assert getattr(found, name) == (None if value is None else pytest.approx(value))
        assert (name in found.intervals) == (value is not None)
        if value is not None:
            assert found.intervals[name].high - found.intervals[name].low > 0.001
            assert found.intervals[name].low <= value <= found.intervals[name].high


def test_the_interval_of_a_ratio_is_one_end_s_where_the_other_share_is_certain() -> None:
    assert ratio_interval((0.5, 0.4, 0.7), (0.25, 0.25, 0.25)) == pytest.approx((1.6, 2.8))
    low, high = ratio_interval((0.8, 0.7, 0.9), (0.0, 0.0, 0.05))
    # By hand: the root of 0.7 (1.6 - 0.7), over 0.05.
    assert low == pytest.approx(np.sqrt(0.7 * 0.9) / 0.05)
    assert high == np.inf


def test_intervals_cover() -> None:
    """Of 400 samples of 60 and 200, nearly all intervals of the PPV at 2 % hold the true one, and few of none do."""
    rng = np.random.default_rng(0)
    truth, covered = 0.02 * 0.85 / (0.02 * 0.85 + 0.98 * 0.05), 0
    for found, unneeded in zip(rng.binomial(60, 0.85, 400), rng.binomial(200, 0.05, 400), strict=True):
        sensitivity, wrong = wilson_interval(found, 60), wilson_interval(unneeded, 200)
        assert sensitivity is not None
        assert wrong is not None
        ends = ratio_interval((found / 60, sensitivity.low, sensitivity.high), (unneeded / 200, wrong.low, wrong.high))
        low, high = (1 / (1 + 0.98 / 0.02 / each) for each in ends)
        covered += low <= truth <= high
    assert 0.925 <= covered / 400 <= 0.98


def test_a_judgement_has_them_where_a_prevalence_was_given() -> None:
    from derm_cli.evaluation.assumptions import Assumptions

    table = random_table(0, 200, 4)
    assert "predictive_values" not in judge(table, SEVERITIES, draws=10).to_json()
    found = judge(table, SEVERITIES, draws=10, assumptions=Assumptions({"C01": 0.02, "malignant": 0.1})).to_json()
    assert [each["name"] for each in found["predictive_values"]] == ["C01", "malignant"]
