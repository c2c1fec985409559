"""The rows of a study by a rule: which seed keeps its bounds, and why a row is no choice."""

from __future__ import annotations

import pytest

from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.judged_rows import judged_rows
from derm_cli.studies.judging.rule import Floor, Rule
from tests.support.studies import made_session, made_study

ROWS = (StudyRow("a", {}),)
MISSES = {"m0": ("MEL", 0.9), "m1": ("MEL", 0.1), "n0": ("NEV", 0.1), "n1": ("NEV", 0.1)}
ALARMS = {"m0": ("MEL", 0.9), "m1": ("MEL", 0.9), "n0": ("NEV", 0.9), "n1": ("NEV", 0.1)}
FLOORS = (Floor.read("sensitivity:MEL=0.75"), Floor.read("specificity:MEL=0.75"))


def row_of(tmp_path, rule):
    session = made_session(tmp_path)
    tested = {("a", seed, 0): MISSES for seed in (0, 1)}
    folder = made_study(session, ROWS, tested, {("a", 0, 0): MISSES, ("a", 1, 0): ALARMS}, seeds=(0, 1))
    return judged_rows(study_answers(session, folder, "choice"), rule)[0]


@pytest.mark.parametrize(("floors", "seed"), [((), 0), (FLOORS[:1], 1), (FLOORS[1:], 0)])
def test_the_seed_is_the_best_of_those_that_keep_the_bounds(tmp_path, floors, seed):
    row = row_of(tmp_path, Rule("accuracy", floors))
    assert (row.fault, row.seed, row.value) == ("", seed, 0.75)


def test_a_row_of_whose_seeds_none_keeps_the_bounds_is_no_choice_though_the_mean_does(tmp_path):
    row = row_of(tmp_path, Rule("accuracy", FLOORS))
    assert row.floors == (0.75, 0.75)
    assert row.fault == (
        "keeps its bounds in the mean of its seeds, but no run of it does (seed 0 has 0.500, where sensitivity of MEL "
        "at least 0.75 is asked for; seed 1 has 0.500, where specificity of MEL at least 0.75 is asked for): ask for "
        "less with --at-least, or train one anew with --refit, for which the mean counts"
    )
    assert (row.seed, row.is_candidate) == (None, True)


def test_of_a_model_that_is_trained_anew_the_mean_counts(tmp_path):
    assert row_of(tmp_path, Rule("accuracy", FLOORS, refit=True)).fault == ""


def test_a_metric_that_there_is_not_has_another_way_out_than_less(tmp_path):
    assert row_of(tmp_path, Rule("top3")).fault == "has no top3: name another metric with --by"


def test_a_row_as_json_has_its_seed(tmp_path):
    assert row_of(tmp_path, Rule("accuracy", FLOORS[:1])).to_json() == {
        "row": "a",
        "value": 0.75,
        "at_least": [0.75],
        "megabytes": None,
        "seed": 1,
        "fault": None,
    }
