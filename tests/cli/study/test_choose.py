"""``derm study choose``."""

from __future__ import annotations

from tests.cli.study.conftest import ROWS
from tests.support.studies import made_session, made_study, twenty_answers


def test_the_best_row_is_chosen_and_what_comes_next_is_told(studied):
    text = studied.derm("study", "choose", "made", "--by", "accuracy", "--at-least", "sensitivity:MEL=0.5").stdout
    assert "Judged on validation parts" in text
    assert "sensitivity of MEL at least 0.5" in text
    assert "Run made-0001 of 'first' is chosen." in text
    assert "export made-0001 --tflite" in text
    assert (studied.runs / "chosen").read_text() == "made-0001\n"


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


def test_a_rule_that_no_row_keeps_chooses_nothing(studied):
    sentence = studied.refused("study", "choose", "made", "--at-least", "accuracy=0.99")
    assert "No row of study 'made' can be chosen by this rule" in sentence
    assert not (studied.runs / "chosen").exists()
