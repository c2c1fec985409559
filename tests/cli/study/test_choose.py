"""``derm study choose``."""

from __future__ import annotations

from derm_cli.studies.asking.spec import StudyRow
from tests.cli.study.conftest import ROWS
from tests.support.studies import made_session, made_study, twenty_answers


def test_the_best_row_is_chosen_and_what_comes_next_is_told(studied):
    text = studied.derm("study", "choose", "made", "--by", "accuracy", "--at-least", "sensitivity:MEL=0.5").stdout
    assert "Judged on validation parts" in text
    assert "sensitivity of MEL at least 0.5" in text
    assert "Run made-0001 of 'first' is chosen." in text
    assert "export made-0001 --tflite" in text
    assert (studied.runs / "chosen").read_text() == "made-0001\n"


def test_what_chance_gave_the_best_row_is_told_beside(studied):
    text = studied.derm("study", "choose", "made").stdout
    assert "corrected %" in text
    assert "% it is the best of 2 rows by these same answers, so too high by what chance gave it: by " in text
    chance = studied.json("study", "choose", "made")["chance"]
    assert chance["best_of"] == 2
    assert chance["optimism"] == chance["value"] - chance["corrected"]


def test_as_json(studied):
    values = studied.json("study", "choose", "made")
    assert (values["chosen"], values["run"], values["judged_on"]) == ("first", "made-0001", "validation parts")
    assert [row["row"] for row in values["rows"]] == ["first", "second"]


def test_of_several_seeds_the_one_that_is_taken_is_named(place):
    given = {(row.name, seed, 0): twenty_answers(8 - seed) for row in ROWS for seed in (0, 1)}
    made_study(made_session(place.root), ROWS, given, given, seeds=(0, 1))
    text = place.derm("study", "choose", "made", "--at-least", "accuracy=0.5").stdout
    assert "Run made-0002 of 'first', seed 1, is chosen." in text
    assert "The bounds are kept by the mean of the seeds, and by the chosen one itself." in text


def test_rows_that_are_left_out_have_their_reason_below_the_table(place):
    names = ("first", "second", "third", "fourth")
    good = {("first", 0, 0): twenty_answers(5)}
    others = {(name, 0, 0): {"x": ("MEL", 0.9), "y": ("NEV", 0.1)} for name in names[1:3]}
    given = good | others
    made_study(made_session(place.root), [StudyRow(name, {}) for name in names], given, given)
    lines = place.derm("study", "choose", "made").stdout.splitlines()
    left_out = [line for line in lines if line.startswith("Left out: ")]
    assert left_out[0].startswith("Left out: 'second', 'third': is judged on other cases than 'first' ('0' is one of")
    assert left_out[1].startswith(
        "Left out: 'fourth': 1 of 1 trainings did not finish (0004 is failed: no more memory)"
    )
    assert len(left_out) == 2


def test_a_rule_that_no_row_keeps_chooses_nothing(studied):
    sentence = studied.refused("study", "choose", "made", "--at-least", "accuracy=0.99")
    assert "No row of study 'made' can be chosen by this rule" in sentence
    assert not (studied.runs / "chosen").exists()
