from dataclasses import replace

import numpy as np
import pytest

from derm_cli.errors import RequestError
from derm_cli.evaluation.assumptions import Assumptions
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.expected_cost import ExpectedCost, ExpectedCostMeasure, cost_matrix
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small


def expected_cost(table: Predictions, *costs: str, draws: int = 0) -> ExpectedCost:
    measure = ExpectedCostMeasure.of(EvaluationInput(table, assumptions=Assumptions.of(costs=costs)))
    assert measure is not None
    return measure_one(measure, table, draws)


@pytest.mark.parametrize(
    ("costs", "matrix"),
    [
        ({"A": 20}, [[0, 20, 20], [1, 0, 1], [1, 1, 0]]),
        ({"A:B": 20}, [[0, 20, 1], [1, 0, 1], [1, 1, 0]]),
        ({"A:B": 5, "A": 20}, [[0, 5, 20], [1, 0, 1], [1, 1, 0]]),  # whichever was given first
        ({"A": 20, "A:B": 5, "C:A": 0}, [[0, 5, 20], [1, 0, 1], [0, 1, 0]]),
    ],
)
def test_costs_of_classes_and_of_single_mistakes(costs: dict[str, float], matrix: list[list[float]]) -> None:
    np.testing.assert_array_equal(cost_matrix(costs, ("A", "B", "C")), matrix)


def test_names_with_a_colon_of_their_own() -> None:
    np.testing.assert_array_equal(cost_matrix({"A:x:B:y": 9}, ("A:x", "B:y")), [[0, 9], [1, 0]])


@pytest.mark.parametrize(("name", "said"), [("D", "'D' is none"), ("A:D", "'D' is none"), ("A:A", "no mistake")])
def test_what_is_no_mistake_is_refused(name: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        cost_matrix({name: 2}, ("A", "B"))


def test_by_hand() -> None:
    """A missed A costs 10, any other mistake 1: two right, one A missed, one C called A."""
    probabilities = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.5, 0.1, 0.4]]
    found = expected_cost(small("AABC", "ABBA", "ABC", probabilities), "A=10")
    costs = {rule.name: rule.cost for rule in found.rules}
    # By least cost, whatever may be an A with 1 in 10 or so is called one: the third too, which is wrong.
    assert costs == pytest.approx({"predicted": 11 / 4, "least cost": 1 / 4 + 1 / 4, "one answer": 2 / 4})
    assert found.single == "A"
    assert {rule.name: rule.normalized for rule in found.rules} == pytest.approx(
        {"predicted": 5.5, "least cost": 1.0, "one answer": 1.0}
    )


def test_equal_costs_are_the_share_of_mistakes_with_an_interval_by_patient() -> None:
    table = random_table(0, 300, 4, per_patient=3)
    found = expected_cost(table, "C00=1", draws=200)
    predicted, least, single = found.rules
    assert predicted.cost == pytest.approx((table.predictions != table.labels).mean())
    assert least.cost == predicted.cost
    assert single.normalized == 1
    assert predicted.interval is not None
    alone = expected_cost(random_table(0, 300, 4), "C00=1", draws=200).rules[0].interval
    assert alone is not None
    assert predicted.interval.low < predicted.cost < predicted.interval.high
    assert predicted.interval.high - predicted.interval.low > 1.4 * (alone.high - alone.low)


def test_a_rule_that_costs_nothing_has_no_interval() -> None:
    """Nothing is seen of how it would vary."""
    alike = replace(random_table(0, 300, 4), labels=random_table(0, 300, 4).predictions)
    predicted, _, single = expected_cost(alike, "C00=1", draws=50).rules
    assert (predicted.cost, predicted.interval) == (0, None)
    assert single.interval is not None


@pytest.mark.parametrize(
    ("cases", "per_patient", "why"),
    [
        (36, 4, "9 patients: too few for an interval"),
        (48, 4, "of what costs most to miss, as"),
        (200, 4, None),
        (40, 1, None),
    ],
)
def test_of_few_patients_there_is_no_interval_but_why(cases: int, per_patient: int, why: str | None) -> None:
    """The cases of the class that costs most must be as many as five typical patients have."""
    table = random_table(0, cases, 4, per_patient=per_patient)
    found = expected_cost(table, "C00=2", draws=50)
    assert (found.no_interval is None) == (why is None)
    assert (why or "") in (found.no_interval or "")
    assert all((rule.interval is None) == (why is not None) for rule in found.rules)
    assert found.to_json()["no_interval"] == found.no_interval
    assumed = Assumptions.of(costs=["C00=2"])
    notes = judge(table, {}, draws=5, assumptions=assumed).notes
    assert [each for each in notes if each.endswith("of the expected cost.")] == (
        [f"{found.no_interval} of the expected cost."] if why else []
    )
    assert expected_cost(table, "C00=2").no_interval is None, "none was asked for"


def test_without_probabilities_nothing_is_decided_by_them_and_without_costs_there_is_none() -> None:
    found = expected_cost(small("AABC", "ABBA", "ABC"), "A=10")
    assert [rule.name for rule in found.rules] == ["predicted", "one answer"]
    assert ExpectedCostMeasure.of(EvaluationInput(small("AB", "AB", "AB"))) is None
