"""What is said of several classifiers on the same cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.workflows.comparing.models import ModelComparison, compare_tables
from tests.support.synthetic_tables import random_table

TITLE = "Test photographs of made"


def better(table, share: float, seed: int = 0):
    """Return a table in which a share of the mistakes is mended."""
    wrong = np.flatnonzero(table.labels != table.predictions)
    mended = np.random.default_rng(seed).choice(wrong, round(share * len(wrong)), replace=False)
    said = table.predictions.copy()
    said[mended] = table.labels[mended]
    return replace(table, predictions=said)


@pytest.fixture
def three() -> ModelComparison:
    table = random_table(0, 400, 4)
    return compare_tables({"one": table, "two": better(table, 0.02), "three": better(table, 0.3)}, TITLE, 100)


def test_each_is_judged_and_each_but_the_first_is_held_against_it(three):
    table = random_table(0, 400, 4)
    assert list(three.evaluations) == ["one", "two", "three"]
    assert list(three.pairings) == ["two", "three"]
    assert three.evaluations["one"].to_json() == evaluation_of(table, 100).to_json()
    wrong = int((table.labels != table.predictions).sum())
    assert (three.pairings["three"].only_first, three.pairings["three"].only_second) == (0, round(0.3 * wrong))


def test_p_values_of_several_tests_hold_together(three):
    raw = [each.mcnemar for each in three.pairings.values()]
    wrong = int((random_table(0, 400, 4).labels != random_table(0, 400, 4).predictions).sum())
    assert raw == pytest.approx([binomtest(0, round(share * wrong)).pvalue for share in (0.02, 0.3)])
    told = [each["holm"] for each in three.to_json()["differences"].values()]
    # The smaller is multiplied by two, the larger by one.
    assert told == pytest.approx([max(raw[0], 2 * raw[1]), 2 * raw[1]])
    sheets = {sheet.name: sheet for sheet in three.tables()}
    assert sheets["differences"].header[-1] == "p, all together"
    assert [row[-1].value for row in sheets["differences"].rows] == told


def test_of_two_there_is_one_test_and_nothing_to_adjust():
    table = random_table(0, 400, 4)
    found = compare_tables({"one": table, "two": better(table, 0.1)}, TITLE, 20)
    sheets = {sheet.name: sheet for sheet in found.tables()}
    assert sheets["differences"].header[-1] == "McNemar's p"
    assert found.to_json()["differences"]["two"]["holm"] == found.pairings["two"].mcnemar


def test_there_is_a_table_as_the_paper_s_and_one_of_each_class(three):
    names = [sheet.name for sheet in three.tables()]
    assert names == ["comparison", "differences", "changes1", "changes2"]
    comparison, _, changes, _ = three.tables()
    assert [row[0] for row in comparison.rows] == ["one", "two", "three"]
    assert {"accuracy %", "weighted F1 %", "macro F1 %"} < set(comparison.header)
    assert [row[0] for row in changes.rows] == ["C00", "C01", "C02", "C03"]
    assert changes.header[1:] == ("sensitivity", "specificity", "PPV", "F1", "AUC")


def test_a_table_without_probabilities_has_no_auc_to_compare():
    table = random_table(0, 400, 4)
    bare = replace(better(table, 0.1), probabilities=None)
    found = compare_tables({"one": table, "bare": bare, "two": better(table, 0.1)}, TITLE, 20)
    rows = {row[0]: dict(zip(found.tables()[1].header, row, strict=True)) for row in found.tables()[1].rows}
    assert rows["bare"]["mean AUC"].value is None
    assert rows["two"]["mean AUC"].value == 0
    assert rows["bare"]["accuracy"].value == rows["two"]["accuracy"].value > 0


def test_where_patients_have_several_photographs_the_test_is_by_patient():
    table = random_table(0, 400, 4, per_patient=4)
    found = compare_tables({"one": table, "two": better(table, 0.1)}, TITLE, 50)
    pairing = found.pairings["two"]
    assert (pairing.test, pairing.groups, pairing.mcnemar) == ("patients", 100, None)
    assert found.tables()[1].header[-1] == "p by patient"
    assert found.to_json()["differences"]["two"]["p_value"] == pairing.p_value < 0.05


@pytest.mark.parametrize("knows", [0, 1])
def test_patients_count_wherever_either_table_has_them(knows):
    table = random_table(0, 400, 4, per_patient=4)
    pair = [table, better(table, 0.1)]
    pair[1 - knows] = replace(pair[1 - knows], metadata={})
    found = compare_tables({"one": pair[0], "two": pair[1]}, TITLE, 50)
    both = compare_tables({"one": table, "two": better(table, 0.1)}, TITLE, 50)
    assert found.pairings["two"] == both.pairings["two"]
    assert {each.groups for each in found.evaluations.values()} == {100}


def test_a_difference_without_an_interval_says_why():
    table = random_table(0, 90, 3)
    found = compare_tables({"one": table, "two": table}, TITLE, 5)
    assert found.notes == ("two: no interval for some differences of every class: no answer differs in any case.",)
    rare = replace(
        table, labels=np.where(np.arange(90) < 87, np.where(table.labels == "C02", "C01", table.labels), "C02")
    )
    notes = compare_tables({"one": rare, "two": better(rare, 0.5)}, TITLE, 5).notes
    assert "two: no interval for some differences of 'C02': 3 cases, fewer than 5." in notes


def test_other_cases_are_refused():
    with pytest.raises(DermError, match="'one' and 'two' were not judged on the same cases"):
        compare_tables({"one": random_table(0, 90, 3), "two": random_table(0, 91, 3)}, TITLE)
