"""What a run has to do, as its forecast is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.engine import backend
from tests.support.tiny_job import PLAN, make_job
from tests.support.tiny_network import phase_options

backend.start()

from derm_cli.workflows.training import stages  # noqa: E402
from derm_cli.workflows.training.forecast import Forecast  # noqa: E402
from derm_cli.workflows.training.run_work import StageWatcher, forecast_of, time_left  # noqa: E402

HEAD_ALONE, UPPER = PLAN.stages[0].phases


def phases_of(tmp_path, *phases):
    stage = replace(PLAN.stages[1], phases=phases)
    return forecast_of(make_job(tmp_path, plan=replace(PLAN, stages=(PLAN.stages[0], stage)))).phases[2:]


def test_what_learns_more_is_more_work_and_a_longer_program(tmp_path):
    upper, lower = phases_of(tmp_path, UPPER, replace(UPPER, blocks=("block1",)))
    assert (upper.epochs, upper.steps, upper.ready) == (1, lower.steps, lower.ready)
    assert upper.passes < lower.passes
    assert 1 < upper.layers < lower.layers <= 3


def test_photographs_that_do_not_change_are_passed_once_below_the_cut(tmp_path):
    changing, unchanged = phases_of(tmp_path, HEAD_ALONE, replace(HEAD_ALONE, options=phase_options(augment=False)))
    assert unchanged.passes < changing.passes
    assert unchanged.ready == changing.ready + 36


def test_the_copies_that_a_head_begins_with_are_passed_too(tmp_path):
    plain, started = phases_of(tmp_path, UPPER, replace(UPPER, options=phase_options(head_start=0.1, head_copies=2)))
    assert started.ready == plain.ready + 3 * 36


def test_smaller_photographs_are_less_work(tmp_path):
    plain, small = phases_of(tmp_path, UPPER, replace(UPPER, options=phase_options(scale=0.5)))
    assert small.passes < plain.passes


def test_a_training_tells_its_forecast_each_step_of_each_phase(tmp_path, monkeypatch):
    told = []
    for name in ("phase_begun", "steps_taken", "stages_ended"):
        monkeypatch.setattr(Forecast, name, lambda _, *facts, name=name: told.append((name, *facts)))
    job = make_job(tmp_path)
    stages.run_stages(job)
    steps = job.forecast.phases[0].steps
    expected = [
        each for phase in range(4) for each in [("phase_begun", phase), *(("steps_taken", n + 1) for n in range(steps))]
    ]
    assert told == [*expected, ("stages_ended",)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.4, "0:00 left in the run"), (65, "1:05 left in the run"), (3661, "1:01:01 left in the run")],
)
def test_the_time_left_is_told_in_minutes_and_seconds(seconds, text):
    assert time_left(seconds) == text


def test_a_stage_s_phases_are_counted_over_all_stages():
    class Noted(Forecast):
        begun = ()

        def phase_begun(self, number):
            self.begun = (*self.begun, number)

    forecast = Noted()
    StageWatcher(forecast, 3).phase_begun(2)
    assert forecast.begun == (5,)
    assert StageWatcher(forecast, 0).time_left() == ""
