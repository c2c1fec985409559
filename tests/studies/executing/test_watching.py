"""How far a study is, read from its folder."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.executing.assignment import Assignment, Progress, UnitOutcome
from derm_cli.studies.executing.watching import StudyView, TrainingView, view_study
from derm_cli.studies.storage.record import RunState
from tests.support.studies import made_session, made_study

ROWS = (StudyRow("a", {}), StudyRow("b", {}))
ANSWERS = {("a", 0, 0): {"e": ("MEL", 0.9)}, ("b", 0, 0): None}


@pytest.fixture
def folder(tmp_path):
    return made_study(made_session(tmp_path), ROWS, ANSWERS)


def test_each_training_has_its_status_and_why_it_did_not_finish(folder):
    view = view_study(folder)
    assert [(each.key, each.row, each.status, each.run, each.reason) for each in view.trainings] == [
        ("0001", "a", "finished", "made-0001", ""),
        ("0002", "b", "failed", "", "no more memory."),
    ]
    assert view.summary == "1 of 2 trainings finished (1 failed, 1 finished)"
    assert view.to_json()["counts"] == {"finished": 1, "failed": 1}


def test_one_that_runs_has_its_stage_its_progress_and_the_time_left(folder):
    folder.write_states({"0001": RunState("running")})
    work = folder.path / "work"
    path = Assignment("0001", {}, None, "", {}).write(work)
    os.utime(path, (time.time() - 60, time.time() - 60))
    Progress("the-run", "edra", 2, 8, 2).write(work, "0001")
    with folder.held():
        running = view_study(folder).trainings[0]
    assert (running.status, running.run, running.stage, running.progress) == ("running", "the-run", "edra", 0.25)
    assert running.left == pytest.approx(180, abs=5)
    # What was done by another process, or is of the store, took none of this time.
    Progress("the-run", "clinic", 6, 8, 1).write(work, "0001")
    assert view_study(folder, is_ours=True).trainings[0].left == pytest.approx(120, abs=5)
    Progress("the-run", "clinic", 5, 8, 0).write(work, "0001")
    assert view_study(folder, is_ours=True).trainings[0].left is None
    Progress("the-run", "edra", 2, 8, 2).write(work, "0001")
    # Nobody carries it out any more: how far it came stays, and nobody knows when it will be finished.
    interrupted = view_study(folder).trainings[0]
    assert (interrupted.status, interrupted.stage, interrupted.progress) == ("interrupted", "", 0.25)
    assert interrupted.left is None


def test_before_the_first_epoch_nobody_knows_how_long_it_takes(folder):
    folder.write_states({"0001": RunState("running")})
    Progress("the-run", "", 0, 8).write(folder.path / "work", "0001")
    view = view_study(folder, is_ours=True)
    assert (view.trainings[0].progress, view.trainings[0].left) == (0.0, None)
    assert view.trainings[1].status == "waiting"


def test_a_beginning_is_shown_while_it_is_trained(folder):
    work = folder.path / "work"
    Progress("", "edra", 1, 4).write(work, "stage-aa")
    Progress("", "edra", 4, 4).write(work, "stage-bb")
    UnitOutcome("finished").write(work, "stage-bb")
    assert view_study(folder).beginnings == {}
    assert view_study(folder, is_ours=True).beginnings == {"stage-aa": Progress("", "edra", 1, 4)}


def test_a_damaged_progress_ends_nothing(folder):
    folder.write_states({"0001": RunState("running")})
    (folder.path / "work").mkdir(exist_ok=True)
    (folder.path / "work" / "0001.progress.json").write_text("{")
    assert view_study(folder, is_ours=True).trainings[0].progress is None


def test_the_time_left_is_that_of_the_rest_by_what_finished_ones_took():
    def seen(row, status, **more):
        values = {"run": "", "stage": "", "progress": None, "left": None, "reason": "", **more}
        return TrainingView("", row, 0, 0, status, **values)

    begun = (seen("a", "finished", seconds=100.0), seen("a", "running", progress=0.5, left=40.0), seen("b", "waiting"))
    view = StudyView("s", "", begun, {}, is_carried_out=True, workers=2)
    assert [(each.progress, each.left) for each in view.rows] == [(0.75, 40.0), (0.0, 100.0)]
    assert view.left == 70.0
    assert view.summary.endswith("; about 1:10 left")
    # Nothing tells how long the first of all takes, and nobody goes on with a study that stands still.
    assert StudyView("s", "", begun[1:], {}, is_carried_out=True).left is None
    still = replace(view, is_carried_out=False)
    assert (still.left, [each.left for each in still.rows]) == (None, [None, None])
    # One that was interrupted is gone on with where it was.
    stopped = (*begun[:1], seen("a", "interrupted", progress=0.25), seen("b", "interrupted"))
    view = StudyView("s", "", stopped, {}, is_carried_out=True)
    assert [(each.progress, each.left) for each in view.rows] == [(0.625, 75.0), (0.0, 100.0)]


def test_under_a_study_that_is_finished_stands_no_time_left():
    done = TrainingView("0001", "a", 0, 0, "finished", "r", "", None, None, "", seconds=60.0)
    for is_carried_out in (True, False):
        view = StudyView("s", "", (done,), {}, is_carried_out=is_carried_out)
        assert view.summary == "1 of 1 trainings finished (1 finished)"


def test_a_record_that_is_given_is_not_read_again(folder):
    record = folder.record
    (folder.path / "study.json").write_text("{")
    assert len(view_study(folder, record, is_ours=True).trainings) == 2
