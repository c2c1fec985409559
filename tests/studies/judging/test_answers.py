"""What the trainings of a study's rows answered."""

from __future__ import annotations

import pytest

from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.answers import seconds_of, study_answers
from tests.support.studies import made_session, made_study

ROWS = (StudyRow("a", {}), StudyRow("b", {}))
FIRST = {"e": ("MEL", 0.9), "f": ("NEV", 0.4)}
SECOND = {"e": ("MEL", 0.7), "f": ("NEV", 0.8)}


@pytest.fixture
def session(tmp_path):
    return made_session(tmp_path)


def test_a_row_has_the_mean_answers_of_its_seeds_and_the_metrics_of_each(session):
    answers = {("a", 0, 0): FIRST, ("a", 1, 0): SECOND, ("b", 0, 0): FIRST, ("b", 1, 0): FIRST}
    found = study_answers(session, made_study(session, ROWS, answers, seeds=(0, 1)))
    row = found.rows[0]
    assert row.predictions.probabilities[:, 0].tolist() == pytest.approx([0.8, 0.6])
    assert [each.accuracy for each in row.evaluations] == [1.0, 0.5]
    assert [each.name for each in found.whole] == ["a", "b"]
    assert [seconds_of(each) for each in row.trainings] == [120.0, 120.0]


def test_a_row_has_the_answers_of_all_its_folds(session):
    answers = {("a", 0, 1): {"e": ("MEL", 0.9)}, ("a", 0, 2): {"f": ("NEV", 0.4)}}
    found = study_answers(session, made_study(session, ROWS[:1], answers, folds=2))
    assert found.rows[0].predictions.case_ids == ("e", "f")


@pytest.mark.parametrize(
    ("answers", "options", "fault"),
    [
        (
            {("a", 0, 0): FIRST, ("a", 1, 0): {**FIRST, "g": ("MEL", 0.9)}},
            {"seeds": (0, 1)},
            "seeds 0 and 1 were judged on different cases ('g' is one of 1 that only one of both has), though they "
            "have one split: remove the older of made-0001 and made-0002 with 'derm runs remove', and 'derm study "
            "resume made' trains it with the split that is there now",
        ),
        (
            {("a", 0, 1): FIRST, ("a", 0, 2): FIRST},
            {"folds": 2},
            "case 'e' is tested on in two folds of seed 0, which were split differently: remove the older of made-0001 "
            "and made-0002 with 'derm runs remove', and 'derm study resume made' trains",
        ),
        (
            {("a", 0, 1): FIRST, ("a", 0, 2): {"g": ("MEL", 0.9)}}
            | {("a", 1, 1): {"e": ("MEL", 0.9)}, ("a", 1, 2): {"g": ("MEL", 0.9)}},
            {"folds": 2, "seeds": (0, 1), "has_splits_of_seeds": True},
            "seeds 0 and 1 were judged on different cases ('f' is one of 1 that",
        ),
    ],
)
def test_a_row_whose_cases_are_not_those_of_one_split_has_no_figures(session, answers, options, fault):
    row = study_answers(session, made_study(session, ROWS[:1], answers, **options)).rows[0]
    assert row.fault.startswith(fault)


def test_over_seeds_and_folds_each_case_has_the_mean_of_all_seeds(session):
    answers = {("a", 0, 1): {"e": ("MEL", 0.9)}, ("a", 0, 2): {"f": ("NEV", 0.4)}}
    answers |= {("a", 1, 1): {"e": ("MEL", 0.7)}, ("a", 1, 2): {"f": ("NEV", 0.8)}}
    row = study_answers(session, made_study(session, ROWS[:1], answers, folds=2, seeds=(0, 1))).rows[0]
    assert row.predictions.case_ids == ("e", "f")
    assert row.predictions.probabilities[:, 0].tolist() == pytest.approx([0.8, 0.6])


def test_seeds_to_which_an_earlier_derm_gave_splits_of_their_own_have_figures_all_the_same(session):
    answers = {("a", 0, 0): FIRST, ("a", 1, 0): {"f": ("NEV", 0.8), "g": ("MEL", 0.9)}}
    folder = made_study(session, ROWS[:1], answers, seeds=(0, 1), has_splits_of_seeds=True)
    row = study_answers(session, folder).rows[0]
    assert (row.fault, row.predictions.case_ids) == ("", ("e", "f", "g"))
    assert row.predictions.probabilities[:, 0].tolist() == pytest.approx([0.9, 0.6, 0.9])


def test_a_row_some_of_whose_trainings_did_not_finish_has_no_figures(session):
    found = study_answers(session, made_study(session, ROWS, {("b", 0, 0): FIRST}))
    assert [each.name for each in found.whole] == ["b"]
    assert found.rows[0].fault == (
        "1 of 1 trainings did not finish (0001 is failed: no more memory); 'derm study resume made' goes on"
    )


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (
            "gone",
            "1 of 1 trainings cannot be read (0001 is finished: run 'made-0001' is gone); 'derm study resume made'",
        ),
        ("changed", "was changed since run 'made-0001' wrote it"),
        ("unreadable", "1 of 1 trainings cannot be read (0001 is finished: '"),
    ],
)
def test_a_row_whose_run_is_gone_or_changed_has_no_figures(session, harm, fault):
    folder = made_study(session, ROWS, {("a", 0, 0): FIRST, ("b", 0, 0): FIRST})
    run = session.runs.find("made-0001")
    if harm == "gone":
        session.runs.remove(run)
    else:
        (run / {"changed": "predictions.csv", "unreadable": "run.json"}[harm]).write_text("{")
    found = study_answers(session, folder)
    assert fault in found.rows[0].fault
    assert [each.name for each in found.whole] == ["b"]
    assert found.stands_in == "b"


@pytest.mark.parametrize(("part", "cases"), [("test", ("e", "f")), ("choice", ("c",))])
def test_what_is_judged_on_another_part_is_not_asked_for(session, part, cases):
    folder = made_study(session, ROWS[:1], {("a", 0, 0): FIRST}, {("a", 0, 0): {"c": ("MEL", 0.9)}})
    run = session.runs.find("made-0001")
    (run / {"test": "validation.csv", "choice": "predictions.csv"}[part]).write_text("changed")
    row = study_answers(session, folder, part).rows[0]
    assert row.fault == ""
    assert row.tables[0].case_ids == cases


def test_without_a_validation_part_there_is_nothing_to_choose_by(session):
    folder = made_study(session, ROWS[:1], {("a", 0, 0): FIRST})
    assert study_answers(session, folder, "choice").rows[0].fault.startswith("has no validation part: give the study")
    assert study_answers(session, folder).rows[0].fault == ""


def test_synthetic_photographs_are_told_of(session):
    assert not study_answers(session, made_study(session, ROWS[:1], {("a", 0, 0): FIRST})).is_synthetic
    folder = made_study(session, ROWS[:1], {("a", 0, 0): FIRST}, name="drawn", synthetic=True)
    assert study_answers(session, folder).is_synthetic
