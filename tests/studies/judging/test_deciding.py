"""What a study's data decide, and what they cannot."""

from __future__ import annotations

import re

import pytest

from derm_cli.evaluation.metrics.paired import paired_comparisons
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.deciding import decisions
from tests.support.studies import made_session, made_study

CASES = [f"{number}" for number in range(60)]
LABELS = {case: "MEL" if int(case) % 2 else "NEV" for case in CASES}


def right(share_wrong: float):
    """Answers of which the first ``share_wrong`` of the cases are wrong."""
    wrong = set(CASES[: int(share_wrong * len(CASES))])
    return {case: (label, 0.8 if (label == "MEL") == (case not in wrong) else 0.2) for case, label in LABELS.items()}


def told(tmp_path, answers, **options):
    session = made_session(tmp_path)
    rows = tuple(StudyRow(name, {}) for name in dict.fromkeys(key[0] for key in answers))
    found = study_answers(session, made_study(session, rows, answers, **options))
    tables = {row.name: row.predictions for row in found.whole}
    first, *others = tables
    comparisons = paired_comparisons(tables[first], {name: tables[name] for name in others}, first) if others else {}
    return " ".join(decisions(found, comparisons))


def test_what_is_better_by_more_than_chance_is_named_with_its_gain(tmp_path):
    text = told(tmp_path, {("a", 0, 0): right(0.5), ("b", 0, 0): right(0.0)})
    assert re.search(r"By accuracy, one row is better than 'a': 'b' by 50\.0 points \(3\d\.\d to 6\d\.\d\)\.", text), (
        text
    )
    assert "By McNemar's test, with Holm's correction for 1 comparison, 'b' is right on another number" in text


def test_what_is_worse_is_named(tmp_path):
    answers = {("a", 0, 0): right(0.0), ("b", 0, 0): right(0.5), ("c", 0, 0): right(0.4)}
    text = told(tmp_path, answers)
    found = re.search(r"2 rows are worse than 'a': 'b' by 50\.0 points \((.*?) to (.*?)\), 'c' by 40\.0 points", text)
    assert found, text
    assert 0 < float(found[1]) < 50 < float(found[2])


def test_what_cannot_be_told_is_said_plainly_with_what_could_be_there(tmp_path):
    text = told(tmp_path, {("a", 0, 0): right(0.2), ("b", 0, 0): right(0.15), ("c", 0, 0): right(0.0)})
    assert "By macro F1, " in text
    assert "cannot be told from 'a', though differences of up to" in text
    alone = told(tmp_path / "alone", {("a", 0, 0): right(0.2), ("b", 0, 0): right(0.15)})
    assert "no row can be told from 'a', though differences of up to" in alone
    assert "the data do not decide" in alone
    assert "with Holm's correction for 1 comparison, none is right on another number" in alone


@pytest.mark.parametrize(("seeds", "is_said"), [((0,), True), ((0, 1), False)])
def test_one_seed_tells_nothing_of_another_training(tmp_path, seeds, is_said):
    answers = {(row, seed, 0): right(0.2) for row in ("a", "b") for seed in seeds}
    text = told(tmp_path, answers, seeds=seeds)
    assert ("by how much a row would differ if it were trained anew is not known" in text) == is_said
    assert ("the mean answers of 2 trainings a row" in text) != is_said


def test_what_a_standard_deviation_is_of_is_told(tmp_path):
    answers = {(row, seed, 0): right(0.2) for row in ("a", "b") for seed in (0, 1)}
    said = "The standard deviation between seeds is of chance in training alone, for all seeds have one split."
    assert said in told(tmp_path, answers, seeds=(0, 1))
    assert "standard deviation" not in told(tmp_path / "one", {("a", 0, 0): right(0.2)})


def test_that_seeds_have_splits_of_their_own_is_told(tmp_path):
    tested = {seed: dict(list(right(0.2).items())[20 * seed : 20 * seed + 30]) for seed in (0, 1)}
    answers = {(row, seed, 0): each for row in ("a", "b") for seed, each in tested.items()}
    text = told(tmp_path, answers, seeds=(0, 1), has_splits_of_seeds=True)
    assert "between seeds is of the split and of chance in training together, for each seed has a split" in text
    assert (
        "In this study each seed has a split of its own, as an earlier derm gave it: of 50 test cases 40 have no "
        "answer of every seed, so that mean answers are of 1 to 2 trainings. A study that is begun "
        "under another name has one split for all of its seeds."
    ) in text


def test_rows_without_figures_are_named_and_a_reference_without_any_is_replaced(tmp_path):
    text = told(tmp_path, {("a", 0, 0): None, ("b", 0, 0): right(0.2), ("c", 0, 0): right(0.1)})
    assert "1 of 3 rows have no figures, and are not judged: 'a'." in text
    assert (
        "The reference 'a' has no figures, and rows are held against 'b' in its place: 1 of 1 trainings did not finish "
        "(0001 is failed: no more memory); 'derm study resume made' goes on."
    ) in text


def test_one_row_is_held_against_nothing(tmp_path):
    assert "Fewer than two rows have figures, so nothing is compared." in told(tmp_path, {("a", 0, 0): right(0.2)})
