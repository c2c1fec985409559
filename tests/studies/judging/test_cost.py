"""What a study took: rows by their own trainings, shared beginnings once, and what sharing saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.runs.record import STORE, TRAINED, StageOrigin
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.executing.assignment import Assignment, StageCost, UnitCost, UnitOutcome
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.cost import Taken, study_cost
from tests.support.studies import made_session, made_study, states_of, twenty_answers

ROWS = (StudyRow("first", {}), StudyRow("second", {}), StudyRow("third", {}))


@pytest.fixture
def study(tmp_path):
    session = made_session(tmp_path)
    given = {(row.name, 0, 0): twenty_answers(8) for row in ROWS}
    stages = (StageOrigin("edra", STORE, "stage-1"), StageOrigin("clinic", TRAINED, "made"))
    return session, made_study(session, ROWS, given, stages=stages)


def cost_of(study):
    session, folder = study
    return study_cost(study_answers(session, folder))


def write(folder, key, *stages):
    UnitCost(tuple(StageCost(*each) for each in stages)).write(folder.path / "work", key)


def run_of(folder, key):
    return states_of(folder)[key]["run"]


def test_what_rows_share_is_counted_once_and_what_that_saved_is_told(study):
    _, folder = study
    first, second = run_of(folder, "0001"), run_of(folder, "0002")
    write(folder, "0001", (first, "", 1.0, 2.0, ("a",)), (first, "clinic", 10.0, 20.0, ("a",)))
    write(folder, "0002", (second, "clinic", 30.0, 40.0, ("b",)))
    Assignment("stage-1", {}, 0, "", {}, ("0001", "0002", "0003")).write(folder.path / "work")
    UnitOutcome("finished").write(folder.path / "work", "stage-1")
    write(folder, "stage-1", ("stage-1", "edra", 100.0, 600.0, ("a",)))
    cost = cost_of(study)
    assert cost.rows == {
        "first": Taken(11.0, 22.0, ("a",), True),
        "second": Taken(30.0, 40.0, ("b",), True),
        "third": Taken(),
    }
    assert cost.shared == Taken(100.0, 600.0, ("a",), True)
    assert cost.saved == Taken(200.0, 1200.0, ("a",), True)
    assert cost.in_all == Taken(141.0, 662.0, ("a", "b"), True)
    assert cost.to_json()["saved_by_sharing"] == {"seconds": 200.0, "joules": 1200.0, "devices": ["a"]}


@pytest.mark.parametrize(
    ("stages", "saved"),
    [
        ((), 100.0),
        ((StageOrigin("edra", TRAINED, "made"), StageOrigin("clinic", STORE, "other")), 0.0),
    ],
    ids=["one trained it again", "two trained it again"],
)
def test_a_stage_that_was_trained_again_is_not_saved(study, stages, saved):
    """The store had no room for it: only what records tell was taken from there counts."""
    session, folder = study
    for key in ("0002", "0003")[: 1 if not stages else 2]:
        run = session.runs.find(run_of(folder, key))
        run.write(replace(run.record, stages=stages))
    Assignment("stage-1", {}, 0, "", {}, ("0001", "0002", "0003")).write(folder.path / "work")
    UnitOutcome("finished").write(folder.path / "work", "stage-1")
    write(folder, "stage-1", ("stage-1", "edra", 100.0, 600.0, ("a",)))
    assert cost_of(study).saved.seconds == saved


@pytest.mark.parametrize(("status", "users"), [("failed", ("0001", "0002")), ("finished", ("0001",)), ("finished", ())])
def test_what_did_not_finish_or_had_one_training_saved_nothing(study, status, users):
    _, folder = study
    Assignment("stage-1", {}, 0, "", {}, users).write(folder.path / "work")
    UnitOutcome(status).write(folder.path / "work", "stage-1")
    write(folder, "stage-1", ("stage-1", "edra", 100.0, 600.0, ("a",)))
    assert cost_of(study).saved == Taken()


def test_where_a_machine_did_not_tell_of_all_of_it_no_energy_is_told(study):
    _, folder = study
    first = run_of(folder, "0001")
    write(folder, "0001", (first, "", 1.0, 2.0, ("a",)), (first, "clinic", 10.0, None))
    taken = cost_of(study).rows["first"]
    assert (taken.seconds, taken.joules, taken.is_measured) == (11.0, None, True)


def test_what_an_earlier_run_of_a_training_took_is_not_its_own(study):
    _, folder = study
    write(folder, "0001", ("another", "clinic", 10.0, 20.0, ("a",)))
    assert cost_of(study).rows["first"] == Taken()


def test_a_study_of_an_earlier_derm_has_no_energy(study):
    cost = cost_of(study)
    assert (cost.rows["first"], cost.beginnings, cost.in_all) == (Taken(), {}, Taken())


@pytest.mark.parametrize("content", ["", "{}", "[]"])
def test_files_that_were_damaged_are_not_there(study, content):
    _, folder = study
    work = folder.path / "work"
    work.mkdir()
    for name in ("stage-1.json", "stage-1.cost.json", "0001.cost.json"):
        (work / name).write_text(content)
    assert cost_of(study).beginnings == {}
