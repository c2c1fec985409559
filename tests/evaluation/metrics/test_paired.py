import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.paired import holm_adjusted, paired_comparison
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small

NAMES = ("one", "two")


def test_mcnemar_by_hand() -> None:
    # One right alone: 1 case; two right alone: 6. Two-sided binomial of 1 in 7: 2 * (1 + 7) / 128.
    truth = "AAAAAAAABB"
    comparison = paired_comparison(small(truth, "ABBBBBBABA", "AB"), small(truth, "BAAAAAAABA", "AB"), NAMES, draws=0)
    assert (comparison.only_first, comparison.only_second) == (1, 6)
    assert comparison.mcnemar == pytest.approx(0.125)
    assert comparison.overall[0].difference == pytest.approx(0.5)


def test_differences_agree_with_scikit_learn_whatever_the_order_of_the_cases() -> None:
    first, other = random_table(0, 300, 4), random_table(1, 300, 4)
    second = Predictions(**{**vars(other), "labels": first.labels})
    order = np.random.default_rng(0).permutation(300)
    shuffled = Predictions(
        second.classes,
        tuple(second.case_ids[row] for row in order),
        second.labels[order],
        second.predictions[order],
        None if second.probabilities is None else second.probabilities[order],
    )
    comparison, again = (paired_comparison(first, each, NAMES, draws=200) for each in (second, shuffled))
    assert comparison.to_json() == again.to_json()
    macro = next(each for each in comparison.overall if each.name == "macro_f1")
    expected = [f1_score(first.labels, each.predictions, average="macro") for each in (first, second)]
    assert (macro.first, macro.second) == pytest.approx(expected)
    assert macro.interval is not None
    assert macro.interval.low <= (macro.difference or 0) <= macro.interval.high
    for each in comparison.per_class.values():
        assert [change.name for change in each] == ["sensitivity", "specificity", "precision", "f1", "auc"]


def test_a_classifier_does_not_differ_from_itself() -> None:
    table = random_table(2, 100, 3)
    comparison = paired_comparison(table, table, NAMES, draws=50)
    assert comparison.mcnemar == 1.0
    assert all(each.difference == 0 for each in comparison.overall)


def test_pairing_sees_what_two_intervals_do_not() -> None:
    """Two classifiers that err on the same cases but one: apart their intervals overlap, their difference is sure."""
    table = random_table(3, 2000, 3)
    better = table.predictions.copy()
    wrong = np.flatnonzero(better != table.labels)[:40]
    better[wrong] = table.labels[wrong]
    comparison = paired_comparison(table, Predictions(**{**vars(table), "predictions": better}), NAMES, draws=300)
    accuracy = comparison.overall[0]
    assert accuracy.interval is not None
    assert accuracy.interval.low > 0
    assert comparison.mcnemar < 1e-6


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (small("AB", "AB", "AB"), "not judged on the same cases ('2' is one of 1 that only 'one' has)"),
        (small("ABAB", "ABAB", "AB"), "('3' is one of 1 that only 'two' has)"),
        (small("ABA", "ABA", "ABC"), "not the same classes ('C' is of one alone)"),
        (small("BBA", "ABA", "AB"), "Case '0' is 'A' in 'one', but 'B' in 'two'"),
    ],
)
def test_what_cannot_be_compared_is_refused(second: Predictions, message: str) -> None:
    with pytest.raises(DermError) as refused:
        paired_comparison(small("ABA", "ABA", "AB"), second, NAMES)
    assert message in str(refused.value)


def test_holm_by_hand() -> None:
    # The smallest of four times 4, the next times 3, never below the one before, never above 1.
    assert holm_adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm_adjusted([0.9, 0.6]) == (1.0, 1.0)
    assert holm_adjusted([]) == ()


def test_aucs_are_compared_where_both_have_probabilities() -> None:
    first, other = random_table(0, 300, 4), random_table(1, 300, 4)
    second = Predictions(**{**vars(other), "labels": first.labels})
    turned = Predictions(
        second.classes[::-1],
        second.case_ids,
        second.labels,
        second.predictions,
        None if second.probabilities is None else second.probabilities[:, ::-1],
    )
    comparison, again = (paired_comparison(first, each, NAMES, draws=100) for each in (second, turned))
    # The order of the classes is no matter.
    assert comparison.to_json() == again.to_json()
    auc = comparison.overall[-1]
    expected = [
        roc_auc_score(first.labels, each.probabilities, multi_class="ovr", labels=list(first.classes))
        for each in (first, second)
    ]
    assert (auc.name, auc.first, auc.second) == ("auc", pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert auc.interval is not None
    assert auc.interval.low < (auc.difference or 0) < auc.interval.high
    assert [each[-1].name for each in comparison.per_class.values()] == ["auc"] * 4
