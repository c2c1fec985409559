import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.paired import paired_comparison, paired_comparisons
from derm_cli.evaluation.predictions import Predictions
from tests.support.reference_values import DISCORDANT, stored
from tests.support.synthetic_tables import random_table, small

NAMES = ("one", "two")


def test_mcnemar_by_hand() -> None:
    # One right alone: 1 case; two right alone: 6. Two-sided binomial of 1 in 7: 2 * (1 + 7) / 128.
    truth = "AAAAAAAABB"
    comparison = paired_comparison(
        small(truth, "ABBBBBBABA", "AB"), small(truth, "BAAAAAAABA", "AB"), NAMES, intervals=False
    )
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
    comparison, again = (paired_comparison(first, each, NAMES) for each in (second, shuffled))
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
    comparison = paired_comparison(table, table, NAMES)
    assert comparison.mcnemar == 1.0
    assert all(each.difference == 0 for each in comparison.overall)
    # How sure that is, only right and wrong answers tell; no interval is without width.
    accuracy, *others = comparison.overall
    assert accuracy.interval is not None
    assert accuracy.interval.low == pytest.approx(-accuracy.interval.high)
    assert accuracy.interval.high > 0.03
    assert {each.reason for each in others} == {"no answer differs in any case"}
    assert comparison.without_interval == {"no answer differs in any case": ["C00", "C01", "C02"]}


def test_five_melanomas_that_both_find_are_no_certainty() -> None:
    table = small("M" * 5 + "N" * 45, "M" * 5 + "N" * 45, "MN")
    sensitivity = paired_comparison(table, table, NAMES).per_class["M"][0]
    assert sensitivity.difference == 0
    assert sensitivity.interval is not None
    # Tango's of nobody who differs, z² / (n + z²), of 5: ±43 points.
    assert sensitivity.interval.high == pytest.approx(1.96**2 / (5 + 1.96**2), abs=1e-3)
    assert sensitivity.interval.method == "tango"


def test_of_too_few_patients_there_is_no_interval_but_why() -> None:
    labels, first, second = "M" * 12 + "N" * 40, "M" * 6 + "N" * 46, "M" * 12 + "N" * 40
    patients = "a" * 3 + "b" * 3 + "c" * 6 + "".join(chr(200 + row // 2) for row in range(40))
    comparison = paired_comparison(
        small(labels, first, "MN", patient=patients), small(labels, second, "MN", patient=patients), NAMES
    )
    sensitivity = comparison.per_class["M"][0]
    assert (sensitivity.difference, sensitivity.interval) == (0.5, None)
    assert sensitivity.reason == "3 patients, fewer than 5"
    # All other cases of N are these three patients' too.
    assert comparison.without_interval["3 patients, fewer than 5"] == ["M", "N"]
    assert comparison.to_json()["per_class"]["M"][0]["reason"] == "3 patients, fewer than 5"


def test_where_patients_repeat_the_test_is_by_patient() -> None:
    """One patient with ten photographs that one alone gets right proves nothing."""
    truth, first, second = "A" * 60, "B" * 10 + "A" * 50, "A" * 60
    alone = paired_comparison(small(truth, first, "AB"), small(truth, second, "AB"), NAMES)
    assert (alone.test, alone.groups) == ("mcnemar", None)
    assert alone.mcnemar == alone.p_value == pytest.approx(2 / 2**10)
    patients = "a" * 10 + "".join(chr(200 + row // 2) for row in range(50))
    together = paired_comparison(
        small(truth, first, "AB", patient=patients), small(truth, second, "AB", patient=patients), NAMES
    )
    assert (together.test, together.groups, together.p_value, together.mcnemar) == ("patients", 26, 1.0, None)
    interval = together.overall[0].interval
    assert interval is not None
    assert interval.low <= 0 < interval.high


def test_intervals_hold_for_all_that_are_compared_together() -> None:
    first, other = random_table(0, 300, 4), random_table(1, 300, 4)
    second = Predictions(**{**vars(other), "labels": first.labels})
    third = Predictions(**{**vars(random_table(2, 300, 4)), "labels": first.labels})
    alone = paired_comparison(first, second, NAMES)
    among = paired_comparisons(first, {"two": second, "three": third}, "one")["two"]
    for single, each in zip(alone.overall, among.overall, strict=True):
        assert single.difference == each.difference
        assert single.interval is not None
        assert each.interval is not None
        assert each.interval.low < single.interval.low
        assert each.interval.high > single.interval.high
    assert among.per_class == alone.per_class


def test_pairing_sees_what_two_intervals_do_not() -> None:
    """Two classifiers that err on the same cases but one: apart their intervals overlap, their difference is sure."""
    table = random_table(3, 2000, 3)
    better = table.predictions.copy()
    wrong = np.flatnonzero(better != table.labels)[:40]
    better[wrong] = table.labels[wrong]
    comparison = paired_comparison(table, Predictions(**{**vars(table), "predictions": better}), NAMES)
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
    comparison, again = (paired_comparison(first, each, NAMES) for each in (second, turned))
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


@pytest.mark.parametrize(("discordant", "expected"), list(zip(DISCORDANT, stored()["mcnemar"], strict=True)))
def test_mcnemar_agrees_with_statsmodels(discordant: tuple[int, int], expected: float) -> None:
    only_first, only_second = discordant
    truth = "A" * (only_first + only_second) + "AB"
    first, second = "A" * only_first + "B" * only_second + "AB", "B" * only_first + "A" * only_second + "AB"
    comparison = paired_comparison(small(truth, first, "AB"), small(truth, second, "AB"), NAMES, intervals=False)
    assert comparison.mcnemar == pytest.approx(expected)
