"""The time that is left of a run, told from what is behind it.

``recorded`` has three runs, as ``derm train`` went on a core of this kind: what each had to do, and the second at which
each step, phase and stage was done.  They are played back here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derm_cli.workflows.training.forecast import EndingWork, Forecast, PhaseWork

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.json"))
SECONDS = 5.0
"""What is nearer to the end than this is not told as a share of it."""


class Played:
    """A recorded run that is played back to a forecast of it."""

    def __init__(self, path: Path) -> None:
        self.run = json.loads(path.read_text())
        self.now = 0.0
        phases = [PhaseWork(**each) for each in self.run["phases"]]
        self.forecast = Forecast(phases, EndingWork(**self.run["ending"]), lambda: self.now)

    def told(self):
        """Yield, after each event, the phase, the seconds that were told to be left, and those that were."""
        phase, end = 0, self.run["events"][-1][0]
        for now, event, number in self.run["events"]:
            self.now = now
            if event == "phase":
                phase = number
                self.forecast.phase_begun(number)
            elif event == "step":
                self.forecast.steps_taken(number)
            elif event == "ended":
                self.forecast.stages_ended()
            yield phase, self.forecast.seconds_left(), end - self.now


def test_there_are_recorded_runs_of_one_phase_a_stage_of_many_and_of_a_chain():
    runs = [json.loads(path.read_text()) for path in RECORDED]
    assert len(runs) >= 3
    assert {len(each["phases"]) > 4 for each in runs} == {True, False}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_from_the_second_phase_on_it_is_right_within_a_factor_of_one_and_a_half(path):
    told = [(tell, left) for phase, tell, left in Played(path).told() if phase >= 1 and left > SECONDS]
    assert len(told) > 20
    wrong = [(round(tell, 1), round(left, 1)) for tell, left in told if not left / 1.5 <= tell <= left * 1.5]
    assert wrong == []


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_nothing_is_told_before_some_steps_and_nothing_below_zero(path):
    told = [(phase, tell) for phase, tell, _ in Played(path).told()]
    assert told[0] == (0, None)
    assert min(tell for _, tell in told if tell is not None) >= 0


def forecast(*phases: PhaseWork, ending: EndingWork | None = None) -> tuple[Forecast, list[float]]:
    now = [0.0]
    return Forecast(phases, ending or EndingWork(passes=0, layers=0), lambda: now[0]), now


WORK = PhaseWork(epochs=2, steps=10, passes=100, ready=0, layers=1)


def test_it_learns_from_the_last_phases_what_a_pass_and_a_program_cost():
    left, now = forecast(WORK, WORK, PhaseWork(epochs=1, steps=10, passes=300, ready=50, layers=3))
    left.phase_begun(0)
    now[0] = 4.0
    left.steps_taken(0)
    for steps in (10, 20):
        now[0] = 4.0 + steps
        left.steps_taken(steps)
    # A tenth of a second a pass and 4 for a program: 4 + 20 in the second phase, 12 + 5 + 30 in the third.
    assert left.seconds_left() == pytest.approx(24 + 47)
    left.phase_begun(1)
    now[0] = 26.0
    left.steps_taken(0)
    now[0] = 36.0
    left.steps_taken(5)
    # The phase's own steps are taken at its own rate, the next phase's and its program at that between the two.
    assert left.seconds_left() == pytest.approx(30 + 0.15 * 350 + 3 * 3)


def test_a_phase_that_was_disturbed_tells_little_of_the_others():
    work = PhaseWork(epochs=1, steps=10, passes=10, ready=0, layers=0)
    left, now = forecast(*[work] * 5)
    for phase, seconds in enumerate((10, 10, 100, 10)):
        left.phase_begun(phase)
        left.steps_taken(0)
        now[0] += seconds
        left.steps_taken(10)
    assert left.seconds_left() == pytest.approx(10)


def test_the_first_steps_of_a_phase_tell_nothing_yet():
    left, now = forecast(WORK, WORK)
    left.phase_begun(0)
    left.steps_taken(0)
    now[0] = 20.0
    left.steps_taken(20)
    left.phase_begun(1)
    left.steps_taken(0)
    now[0] = 20.9
    left.steps_taken(1)
    # One step of 0.9 s in place of 1 s a step: the 19 that are left are told by the phase before.
    assert left.seconds_left() == pytest.approx(19)


def test_a_run_that_is_gone_on_with_counts_the_steps_of_this_process_alone():
    left, now = forecast(WORK)
    left.phase_begun(0)
    left.steps_taken(10)
    now[0] = 5.0
    left.steps_taken(15)
    assert left.seconds_left() == pytest.approx(5.0)


def test_time_goes_by_between_two_steps_and_in_the_ending():
    left, now = forecast(WORK, ending=EndingWork(passes=20, layers=1))
    left.phase_begun(0)
    now[0] = 4.0
    left.steps_taken(0)
    now[0] = 14.0
    left.steps_taken(10)
    assert left.seconds_left() == pytest.approx(10 + 2 + 4)
    now[0] = 15.0
    assert left.seconds_left() == pytest.approx(9 + 2 + 4)
    left.steps_taken(20)
    left.stages_ended()
    now[0] = 100.0
    assert left.seconds_left() == 0


def test_what_a_program_costs_that_nothing_lay_beside_tells_of_the_ending():
    left, now = forecast(WORK, WORK, WORK, ending=EndingWork(passes=0, layers=2))
    for phase, compiling in enumerate((4, 0, 0)):
        left.phase_begun(phase)
        now[0] += compiling
        left.steps_taken(0)
        now[0] += 20
        left.steps_taken(20)
    left.stages_ended()
    assert left.seconds_left() == pytest.approx(2 * 4)


def test_an_epoch_tells_however_short_it_is():
    left, now = forecast(WORK)
    left.phase_begun(0)
    for step in range(1, 11):
        now[0] += 0.01
        left.steps_taken(step)
        assert (left.seconds_left() is None) is (step < 10)
    assert left.seconds_left() == pytest.approx(0.1)
