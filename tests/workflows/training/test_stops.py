"""A plugin may have training end: the run is finished with the same bits, wherever its process was killed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
from derm_cli.plan import Plan
from derm_cli.plugin import StopRequest
from derm_cli.runs.record import RunStop
from derm_cli.workflows.training.stops import Stops, with_requests
from tests.support.tiny_job import PLAN, make_job, weights_of
from tests.support.tiny_network import made_stage

backend.start()

from derm_cli.workflows.training.stages import run_stages  # noqa: E402

STAGE = made_stage(blocks=((), ("block2",)), epochs=2)
ONE = replace(PLAN, target="first", stages=(replace(STAGE, name="first", datasets=("first",)),))
LONGER = replace(PLAN, stages=tuple(replace(STAGE, name=name, datasets=(name,)) for name in ("first", "second")))


def stop(ends: str, stage: int = 0, phase: int = 0, epoch: int = 1) -> RunStop:
    return RunStop("budget", "enough", ends, stage, phase, epoch)


@pytest.mark.parametrize(
    ("stops", "ended"),
    [
        ((), set()),
        ((stop("phase"),), {(0, 0, 1), (0, 0, 2)}),
        ((stop("stage"),), {(0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 1, 1)}),
        # Of each stage that comes after, the first epoch is trained.
        ((stop("run"),), {(0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 1, 1), (1, 0, 1), (1, 0, 2), (1, 1, 0), (1, 1, 1)}),
        ((stop("run", 1, 1),), {(1, 1, 1)}),
        ((stop("phase"), stop("phase", 1)), {(0, 0, 1), (0, 0, 2), (1, 0, 1), (1, 0, 2)}),
    ],
)
def test_what_is_ended(stops, ended):
    places = {(0, 0, 2), (1, 0, 2)} | {
        (stage, phase, epoch) for stage in (0, 1) for phase in (0, 1) for epoch in (0, 1)
    }
    assert {each for each in places if Stops(stops).is_ended(*each)} == ended


def test_a_stage_depends_on_the_stops_in_it_and_before():
    assert [Stops((stop("phase", 1),)).touches(stage) for stage in (0, 1, 2)] == [False, True, True]


def asking(place: tuple[int, int, int], ends: str) -> Any:
    """Return a plugin that asks for an end after the epoch at ``place``: stage, phase and epoch, from 0."""
    return lambda epoch: (
        {"budget": StopRequest(reason="enough\n of it", ends=ends)}
        if (epoch.stage, epoch.phase, epoch.epoch) == place
        else {}
    )


def make_asked(root, run: str, place: tuple[int, int, int], ends: str, plan: Plan = LONGER, **fields: Any) -> Any:
    job = make_job(root, run, plan, **fields)
    job.session.registry.requests = asking(place, ends)
    return job


def make_one(root, run: str, **fields: Any) -> Any:
    """Return a job of one stage, of which a plugin ends the first phase after an epoch."""
    job = make_asked(root, run, (0, 0, 0), "phase", ONE, **fields)
    data = job.run_data
    job.run_data = replace(data, training=data.training[:1], stage_validation=data.stage_validation[:1])
    return job


def epochs_of(job: Any) -> list[tuple[int, int, int]]:
    return [(row["stage"], row["phase"], row["epoch"]) for row in job.history]


@pytest.mark.parametrize(
    ("place", "trained", "shared"),
    [
        ((1, 0, 0), [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0)], 1),
        # A stage that comes after has a new head, which learns for an epoch; its bits hang on the stop as well.
        ((0, 0, 0), [(0, 0, 0), (1, 0, 0)], 0),
    ],
)
def test_training_ends_where_a_plugin_asks_for_it_and_what_was_ended_is_never_shared(
    tmp_path, capsys, place, trained, shared
):
    job = make_asked(tmp_path, "one", place, "run")
    run_stages(job)
    assert epochs_of(job) == trained
    assert job.run.record.stops == (RunStop("budget", "enough of it", "run", *place[:2], place[2] + 1),)
    assert "plugin 'budget' ends the run after this epoch: enough of it" in " ".join(capsys.readouterr().err.split())
    assert len(list((tmp_path / "cache" / "stages").glob("*.bin"))) == shared


class Killed(BaseException):
    """What nobody waits for."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder whose stage store has the stage as a run without any request trained it."""
    root = tmp_path_factory.mktemp("whole")
    job = make_one(root, "whole")
    job.session.registry.requests = lambda _: {}
    run_stages(job)
    return root


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The epochs and the weights of a run that was ended and never killed."""
    job = make_one(tmp_path_factory.mktemp("ended"), "one")
    return weights_of(run_stages(job)), epochs_of(job)


@pytest.mark.parametrize("kill", ["before it is recorded", "once it is recorded", "before the next phase"])
def test_a_run_that_was_ended_goes_on_to_the_same_bits_wherever_it_was_killed(
    tmp_path, monkeypatch, whole, expected, kill
):
    broken = make_one(tmp_path, "two")
    # A checkpoint is always due where it shall be behind the stop, and never after the first otherwise.
    monkeypatch.setattr("derm_cli.engine.checkpoint.PAUSE", 0 if kill == "before the next phase" else 1e9)
    take, is_ended = broken.take_requests, Stops.is_ended

    def take_and_die(asked, position):
        if asked and kill == "before it is recorded":
            raise Killed
        take(asked, position)
        if asked and kill == "once it is recorded":
            raise Killed

    def ask_and_die(self, *place):
        if is_ended(self, *place) and kill == "before the next phase":
            raise Killed
        return is_ended(self, *place)

    monkeypatch.setattr(broken, "take_requests", take_and_die)
    monkeypatch.setattr(Stops, "is_ended", ask_and_die)
    with pytest.raises(Killed):
        run_stages(broken)
    monkeypatch.undo()
    if broken.run.record.stops:
        # Meanwhile another run has trained the very same stage to its end, for everybody.
        shutil.copytree(whole / "cache", tmp_path / "cache", dirs_exist_ok=True)
    checkpoint = Checkpoints(broken.run.path).latest()
    assert (checkpoint.position == Position(epoch=1)) == (kill == "before the next phase")
    if kill == "once it is recorded":
        # As if there had been none yet: the stage is not taken from the store.
        checkpoint = None
    resumed = make_one(tmp_path, "two", checkpoint=checkpoint)
    weights, epochs = expected
    for one, other in zip(weights_of(run_stages(resumed)), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert epochs_of(resumed) == epochs == [(0, 0, 0), (0, 1, 0), (0, 1, 1)]
    assert [each.ends for each in resumed.run.record.stops] == ["phase"]


def test_what_was_decided_holds_where_epochs_are_trained_once_more(tmp_path):
    job = make_job(tmp_path)
    asked = {"budget": StopRequest(reason="enough", ends="phase")}
    first = with_requests(job.run, LONGER, asked, Position(0, 1, 1))
    for again in (Position(0, 0, 1), Position(0, 0, 2), Position(0, 1, 1)):
        assert with_requests(job.run, LONGER, {"another": StopRequest(reason="now")}, again) == first
    assert len(with_requests(job.run, LONGER, asked, Position(1, 1, 1)).stops) == 2


@pytest.mark.parametrize(
    ("position", "ending"),
    [
        (Position(0, 0, 1), {"phase", "stage", "run"}),
        (Position(0, 0, 2), {"stage", "run"}),
        (Position(0, 1, 1), {"phase", "stage", "run"}),
        (Position(0, 1, 2), {"run"}),
        (Position(1, 1, 2), set()),
    ],
)
def test_a_request_where_the_plan_has_no_more_is_none(tmp_path, position, ending):
    job = make_job(tmp_path)
    record = job.run.record
    found = set()
    for ends in ("phase", "stage", "run"):
        stops = with_requests(job.run, LONGER, {"budget": StopRequest(reason="enough", ends=ends)}, position)
        found |= {each.ends for each in stops.stops}
        job.run.write(record)
    assert found == ending


def test_what_several_trainings_share_is_not_ended(tmp_path, capsys):
    job = make_job(tmp_path, until=0)
    for epoch in (1, 2):
        job.take_requests({"budget": StopRequest(reason="enough")}, Position(0, 0, epoch))
    assert (job.stops, job.run.record.stops) == (Stops(), ())
    said = " ".join(capsys.readouterr().err.split())
    assert said.count("plugin 'budget' asks to end a stage that several trainings share") == 1
