"""The answers of folds and seeds as one table."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.averaged_predictions import averaged_predictions
from derm_cli.evaluation.predictions import Predictions


def table(cases, labels, shares=None, predictions=None, classes=("MEL", "NEV"), **metadata):
    if shares is not None:
        probabilities = np.array([[each, 1 - each] for each in shares])
        predictions = [classes[index] for index in probabilities.argmax(axis=1)]
    columns = {name: np.array(list(values)) for name, values in metadata.items()}
    probabilities = None if shares is None else probabilities
    return Predictions(classes, tuple(cases), np.array(labels), np.array(predictions), probabilities, columns)


def test_one_table_stays_as_it_is():
    only = table("ab", ["MEL", "NEV"], [0.4, 0.2], patient="xy")
    assert averaged_predictions([only]) is only


def test_of_folds_each_case_stands_as_its_fold_answered_it():
    found = averaged_predictions(
        [table("ab", ["MEL", "NEV"], [0.9, 0.2], patient="xy"), table("c", ["NEV"], [0.6], patient="x", sex="f")],
        of_same_cases=False,
    )
    assert found.case_ids == ("a", "b", "c")
    assert found.labels.tolist() == ["MEL", "NEV", "NEV"]
    assert found.predictions.tolist() == ["MEL", "NEV", "MEL"]
    assert found.probabilities[:, 0].tolist() == pytest.approx([0.9, 0.2, 0.6])
    assert {name: values.tolist() for name, values in found.metadata.items()} == {
        "patient": ["x", "y", "x"],
        "sex": ["", "", "f"],
    }


def test_of_seeds_each_case_has_the_mean_and_its_most_probable_class():
    found = averaged_predictions([table("ab", ["MEL", "NEV"], [0.9, 0.4]), table("ba", ["NEV", "MEL"], [0.8, 0.3])])
    assert found.case_ids == ("a", "b")
    assert found.probabilities[:, 0].tolist() == pytest.approx([0.6, 0.6])
    assert found.predictions.tolist() == ["MEL", "MEL"]


def test_of_cases_that_some_have_the_mean_is_of_those():
    tables = [table("ab", ["MEL", "NEV"], [0.9, 0.4]), table("ba", ["NEV", "MEL"], [0.8, 0.3])]
    found = averaged_predictions([*tables, table("c", ["NEV"], [0.1])], of_same_cases=False)
    assert found.case_ids == ("a", "b", "c")
    assert found.probabilities[:, 0].tolist() == pytest.approx([0.6, 0.6, 0.1])


def test_of_equals_the_first_class_is_predicted():
    found = averaged_predictions([table("a", ["MEL"], [1.0]), table("a", ["MEL"], [0.0])])
    assert found.predictions.tolist() == ["MEL"]


def test_tables_without_probabilities_can_be_of_folds():
    found = averaged_predictions(
        [table("a", ["MEL"], predictions=["NEV"]), table("b", ["NEV"], [0.1])],
        of_same_cases=False,
    )
    assert found.probabilities is None
    assert found.predictions.tolist() == ["NEV", "NEV"]


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (table("a", ["MEL"], [0.1], classes=("MEL", "BCC")), "have different classes"),
        (table("b", ["NEV"], [0.1]), "have different cases: 'a' is one of 2 that are not in both of two. Average what"),
        (table("ab", ["MEL", "NEV"], [0.1, 0.2]), "have different cases: 'b' is one of 1"),
        (table("a", ["NEV"], [0.1]), "Case 'a' is 'MEL' in one table and 'NEV' in another"),
        (table("a", ["MEL"], predictions=["MEL"]), "has no probability of every class"),
    ],
)
def test_what_has_no_mean_is_refused(second, sentence):
    with pytest.raises(DermError, match=sentence):
        averaged_predictions([table("a", ["MEL"], [0.9]), second])
