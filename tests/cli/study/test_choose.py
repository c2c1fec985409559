"""``derm study choose``."""

from __future__ import annotations


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


def test_a_rule_that_no_row_keeps_chooses_nothing(studied):
    sentence = studied.refused("study", "choose", "made", "--at-least", "accuracy=0.99")
    assert "No row of study 'made' can be chosen by this rule" in sentence
    assert not (studied.runs / "chosen").exists()
