"""What answers are worth: figures by each, and paired differences from the photograph and from the answers alone."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.answers_value import ANSWERS, BOTH, PHOTOGRAPH, answers_sentence, value_of_answers
from derm_cli.evaluation.metrics.paired import paired_comparisons
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import as_text
from derm_cli.evaluation.reporting.tables.answers import answers_table

CLASSES = ("A", "B")


def predicting(right: int) -> Predictions:
    """Return a table of 40 cases of which the first ``right`` of each class are predicted as they are."""
    labels = np.array(["A"] * 20 + ["B"] * 20)
    is_right = np.tile(np.arange(20) < right, 2)
    predictions = np.where(is_right, labels, np.where(labels == "A", "B", "A"))
    chosen = np.where(predictions == "A", 0.8, 0.2)
    return Predictions(
        CLASSES,
        tuple(map(str, range(40))),
        labels,
        predictions,
        np.stack([chosen, 1 - chosen], axis=1),
        {"patient": np.array([f"P{row // 2}" for row in range(40)])},
    )


@pytest.fixture(scope="module")
def value():
    return value_of_answers({BOTH: predicting(19), PHOTOGRAPH: predicting(15), ANSWERS: predicting(12)}, draws=200)


def test_figures_are_those_of_each_table(value):
    assert [value["figures"][name]["accuracy"] for name in (BOTH, PHOTOGRAPH, ANSWERS)] == [0.95, 0.75, 0.6]
    low, high, method = value["figures"][BOTH]["intervals"]["macro_f1"]
    assert low <= value["figures"][BOTH]["macro_f1"] <= high
    assert method == "effective"


def test_gains_are_the_paired_differences(value):
    assert list(value["gains"]) == [PHOTOGRAPH, ANSWERS]
    gains = {each["name"]: each for each in value["gains"][ANSWERS]}
    assert gains["accuracy"]["difference"] == pytest.approx(0.35)
    others = {PHOTOGRAPH: predicting(15), ANSWERS: predicting(12)}
    expected = paired_comparisons(predicting(19), others, BOTH)[ANSWERS].overall
    for found, each in zip(value["gains"][ANSWERS], expected, strict=True):
        assert each.interval is not None
        assert (found["name"], found["first"], found["second"]) == (each.name, each.second, each.first)
        assert found["interval"] == [-each.interval.high, -each.interval.low, each.interval.method]


def test_the_sentence_tells_all_three_and_what_answers_add(value):
    told = answers_sentence(value, "accuracy")
    assert told.startswith(
        "Accuracy: 95.0 by photograph and answers, 75.0 by photograph alone, 60.0 by answers alone; "
        "answers add 20.0 points ("
    )


def test_the_table_has_a_row_for_each_and_one_for_each_difference(value):
    table = answers_table(value)
    assert [row[0] for row in table.rows] == [
        *(BOTH, PHOTOGRAPH, ANSWERS),
        *(f"more than {name}, points" for name in (PHOTOGRAPH, ANSWERS)),
    ]
    text = as_text(table, 200)
    assert "95.0" in text
    assert "35.0 (" in text


def test_without_draws_there_are_no_intervals():
    value = value_of_answers({BOTH: predicting(19), PHOTOGRAPH: predicting(15)}, draws=0)
    assert value["figures"][BOTH]["intervals"] in (
        {},
        {"accuracy": value["figures"][BOTH]["intervals"].get("accuracy")},
    )
    assert all(each["interval"] is None for each in value["gains"][PHOTOGRAPH])
    assert answers_sentence(value).endswith("points.")
    assert len(answers_table(value).rows) == 3
