"""``derm study report``."""

from __future__ import annotations

import pytest

from derm_cli.studies.asking.spec import StudyRow
from tests.support.studies import made_session, made_study, twenty_answers


def test_tables_decisions_and_the_page_are_told(studied):
    text = studied.derm("study", "report", "made").stdout
    assert "Study made" in text
    assert "published %" in text
    assert "Paired differences, points more than first" in text
    assert "data do not decide" in text or "better than 'first'" in text
    page = studied.runs / "studies" / "made" / "report" / "report.html"
    assert str(page) in text
    assert page.is_file()


@pytest.mark.parametrize("finished", [1, 2])
def test_where_trainings_are_not_finished_the_command_to_go_on_is_told(place, finished):
    rows = (StudyRow("first", {}), StudyRow("second", {}))
    given = {(row.name, 0, 0): twenty_answers(2) for row in rows[:finished]}
    made_study(made_session(place.root), rows, given)
    last = place.derm("study", "report", "made").stdout.splitlines()[-1]
    assert ("study resume made" in last) == (finished == 1)


def test_as_json_and_as_files_beside_the_page(studied):
    values = studied.json("study", "report", "made")
    assert list(values["rows"]) == ["first", "second"]
    assert values["differences"]["second"]["cases"] == 20
    folder = studied.runs / "studies" / "made" / "report"
    assert values["path"] == str(folder / "report.html")
    for name in ("tables.csv", "tables.tex", "tables.md"):
        assert "second" in (folder / name).read_text()


def test_the_mean_answers_of_a_row_are_a_table_that_evaluation_takes(place):
    """Over seeds it is the mean of the probabilities, over folds each case once."""
    runs = made_session(place.root)
    rows = (StudyRow("only", {}),)
    seeds = {("only", seed, 0): twenty_answers(wrong) for seed, wrong in ((0, 8), (1, 2), (2, 2))}
    half = list(twenty_answers(0))[:10]
    folds = {
        ("only", 0, fold): {case: each for case, each in twenty_answers(2).items() if (case in half) == (fold == 1)}
        for fold in (1, 2)
    }
    made_study(runs, rows, seeds, seeds=(0, 1, 2), name="seeds")
    made_study(runs, rows, folds, folds=2, name="folds")
    for name in ("seeds", "folds"):
        (row,) = place.json("study", "report", name)["rows"].values()
        table = place.runs / "studies" / name / "report" / "answers" / "0001.csv"
        judged = place.json("evaluate", "--predictions", table)
        assert (judged["cases"], judged["accuracy"]) == (row["cases"], row["accuracy"]) == (20, 0.9), name
    text = (place.runs / "studies" / "seeds" / "report" / "answers" / "0001.csv").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("3,"))
    assert list(map(float, line.split(",")[-2:])) == pytest.approx([0.6, 0.4])
