import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from derm_cli.evaluation.assumptions import Assumptions
from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.partial_auc import PartialAucMeasure, PartialAucs, partial_auc_interval
from derm_cli.evaluation.metrics.questions import Question, Questions
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate", "C03": "malignant"}


def partial_aucs(table: Predictions, specificity: float, draws: int = 0) -> PartialAucs:
    inputs = EvaluationInput(table, SEVERITIES, assumptions=Assumptions(specificity=specificity))
    measure = PartialAucMeasure.of(inputs)
    assert measure is not None
    return measure_one(measure, table, draws)


def of_scikit_learn(truth: np.ndarray, scores: np.ndarray, specificity: float) -> tuple[float, float]:
    """Return the sensitivity and the standardized partial AUC that scikit-learn's curve gives."""
    false_positive_rate, sensitivity, _ = roc_curve(truth, scores, drop_intermediate=False)
    limit = 1 - specificity
    there = sensitivity[np.isclose(false_positive_rate, limit)]
    at_limit = there.max() if len(there) else np.interp(limit, false_positive_rate, sensitivity)
    return at_limit, roc_auc_score(truth, scores, max_fpr=limit if limit < 1 else None)


@pytest.mark.parametrize("specificity", [0.95, 0.9, 0.5, 0.0])
@pytest.mark.parametrize("decimals", [1, 6])
def test_both_are_those_of_scikit_learn_with_ties_and_without(specificity: float, decimals: int) -> None:
    table = random_table(3, 300, 4, decimals=decimals)
    assert table.probabilities is not None
    found = partial_aucs(table, specificity)
    for index, (name, each) in enumerate(found.per_class.items()):
        expected = of_scikit_learn(table.labels == name, table.probabilities[:, index], specificity)
        assert (each.sensitivity, each.partial_auc) == pytest.approx(expected)
    judged = table.labels != "C02"
    truth, scores = np.isin(table.labels[judged], ["C01", "C03"]), table.probabilities[judged][:, [1, 3]].sum(axis=1)
    assert found.malignant is not None
    expected = of_scikit_learn(truth, scores, specificity)
    assert (found.malignant.sensitivity, found.malignant.partial_auc) == pytest.approx(expected)
    assert (found.malignant.cases, found.malignant.positives) == (judged.sum(), truth.sum())


@pytest.mark.parametrize("seed", range(8))
def test_each_draw_has_what_its_own_cases_give(seed: int) -> None:
    """In groups of unequal size, so that the cases that a draw leaves out by its nature are few enough."""
    rng = np.random.default_rng(seed)
    truth = rng.random(160) < 0.3
    scores = np.round(0.7 * rng.random(160) + 0.3 * truth, int(rng.integers(1, 5)))
    groups = np.unique(rng.integers(0, 40, 160) ** 2 // 40, return_inverse=True)[1]
    measure = PartialAucMeasure(Questions({"a": Question(np.arange(160), truth, scores)}, None, groups), 0.9)
    count = groups.max() + 1
    weights = rng.multinomial(count, np.full(count, 1 / count), size=25)[:, groups]
    found = measure.replicates(weights)
    for draw, of_case in enumerate(weights):
        drawn = np.repeat(np.arange(160), of_case)
        expected = of_scikit_learn(truth[drawn], scores[drawn], 0.9)
        assert (found["sensitivity"][draw, 0], found["partial_auc"][draw, 0]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "truth", "specificity", "expected"),
    [
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 0.9, (1.0, 1.0)),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0.5, (0.0, 1 / 3)),  # the least that can be: McClish's own is below 0.5
        ([0.5, 0.5, 0.5, 0.5], [1, 1, 0, 0], 0.8, (0.2, 0.5)),  # all the same: chance
        ([0.5, 0.6], [1, 1], 0.9, (None, None)),
        ([0.9, 0.8, 0.7], [1, 0, 1], 1.0, (0.5, None)),  # no area above a specificity of 1
    ],
)
def test_by_hand(
    scores: list[float], truth: list[int], specificity: float, expected: tuple[float | None, float | None]
) -> None:
    question = Question(np.arange(len(scores)), np.array(truth, dtype=bool), np.array(scores))
    measure = PartialAucMeasure(Questions({"a": question}, None, np.arange(len(scores))), specificity)
    found = measure.result({}, "bootstrap").per_class["a"]
    for value, wanted in zip((found.sensitivity, found.partial_auc), expected, strict=True):
        assert value == (None if wanted is None else pytest.approx(wanted))


def test_intervals_are_by_patient_and_hold_the_value() -> None:
    found = partial_aucs(random_table(0, 400, 4, per_patient=4), 0.9, 200)
    assert found.malignant is not None
    for each in (*found.per_class.values(), found.malignant):
        for name in ("sensitivity", "partial_auc"):
            interval = each.intervals[name]
            assert interval.method == ("t" if name == "partial_auc" else "patients")
            assert interval.low <= getattr(each, name) <= interval.high
    assert found.to_json()["specificity"] == 0.9


def test_the_interval_of_the_area_is_as_wide_as_the_curve_without_a_patient_tells() -> None:
    """By the jackknife, about the area, which it does not leave above 1."""
    rng = np.random.default_rng(0)
    groups, truth = np.repeat(np.arange(150), 2), rng.random(300) < 0.4
    scores = rng.normal(1.5 * truth, 1).round(1)
    question = Question(np.arange(300), truth, scores)
    measure = PartialAucMeasure(Questions({"a": question}, None, groups), 0.8)
    weights = np.array([groups != group for group in range(150)], dtype=np.float32)
    without = measure.replicates(weights)["partial_auc"][:, 0]
    deviation = np.sqrt(149 / 150 * ((without - without.mean()) ** 2).sum())
    value = measure.result({}, "patients").per_class["a"].partial_auc
    assert value is not None
    interval = partial_auc_interval(value, question, 0.2, groups)
    assert interval.high - interval.low == pytest.approx(2 * 1.98 * deviation, rel=0.06)
    assert interval.low < value < interval.high < 1


def test_a_table_without_a_mistake_is_not_certain() -> None:
    truth = np.repeat([True, False], [12, 40])
    question = Question(np.arange(52), truth, truth.astype(float))
    measure = PartialAucMeasure(Questions({"a": question}, None, np.arange(52)), 0.9)
    found = measure_one(measure, random_table(0, 52, 4), 50).per_class["a"]
    assert found.partial_auc == 1
    assert 0.7 < found.intervals["partial_auc"].low < 0.95
    assert found.intervals["partial_auc"].high == 1
