"""A plugin may have training end: the run is finished with the same bits, wherever its process was killed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
from derm_cli.plugin import StopRequest
from derm_cli.runs.record import RunStop
from derm_cli.workflows.training.stops import Stops, with_requests
from tests.support.tiny_job import PLAN, make_job, weights_of
from tests.support.tiny_network import made_stage

backend.start()

from derm_cli.workflows.training.stages import run_stages  # noqa: E402

STAGE = made_stage(blocks=((), ("block2",)), epochs=2)
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
        {"budget": StopRequest(reason="enough\nof it", ends=ends)}
        if (epoch.stage, epoch.phase, epoch.epoch) == place
        else {}
    )


def make_asked(root, run: str, place=(1, 0, 0), ends="run", **fields: Any) -> Any:
    job = make_job(root, run, LONGER, **fields)
    job.session.registry.requests = asking(place, ends)
    return job


def epochs_of(job: Any) -> list[tuple[int, int, int]]:
    return [(row["stage"], row["phase"], row["epoch"]) for row in job.history]


@pytest.mark.parametrize(
    ("place", "ends", "trained"),
    [
        ((1, 0, 0), "run", [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0)]),
        ((0, 0, 0), "phase", [(0, 0, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 1, 1)]),
        ((0, 0, 0), "run", [(0, 0, 0), (1, 0, 0)]),
    ],
)
def test_training_ends_where_a_plugin_asks_for_it_and_says_why(tmp_path, capsys, place, ends, trained):
    job = make_asked(tmp_path, "one", place, ends, use_store=False, keep_stages=False)
    run_stages(job)
    assert epochs_of(job) == trained
    assert job.run.record.stops == (RunStop("budget", "enough of it", ends, *place[:2], place[2] + 1),)
    assert f"plugin 'budget' ends the {ends} after this epoch: enough of it" in " ".join(
        capsys.readouterr().err.split()
    )


def test_a_stage_that_was_ended_is_never_shared(tmp_path):
    stopped = make_asked(tmp_path, "one", (0, 1, 0), "stage")
    run_stages(stopped)
    store = tmp_path / "cache" / "stages"
    assert list(store.glob("*.bin")) == []
    # One who did not ask trains all of it, and shares that.
    whole = make_job(tmp_path, "two", LONGER)
    run_stages(whole)
    assert [each["source"] for each in whole.stages] == ["trained", "trained"]
    assert len(list(store.glob("*.bin"))) == 2
    # And only a later stage is not shared where only that was ended.
    later = make_asked(tmp_path, "three", (1, 0, 0), "phase")
    later.session.settings.cache_folder = tmp_path / "other"
    run_stages(later)
    assert len(list((tmp_path / "other" / "stages").glob("*.bin"))) == 1


class Killed(BaseException):
    """What nobody waits for."""


@pytest.mark.parametrize("kill", ["before it is recorded", "once it is recorded", "before the next phase", "never"])
def test_a_run_that_was_ended_goes_on_to_the_same_bits_wherever_it_was_killed(tmp_path, monkeypatch, kill):
    expected = make_asked(tmp_path, "one", (1, 0, 0), "phase", use_store=False, keep_stages=False)
    weights = weights_of(run_stages(expected))

    broken = make_asked(tmp_path, "two", (1, 0, 0), "phase")
    take, is_ended = broken.take_requests, Stops.is_ended

    def take_and_die(asked, position):
        if asked and kill == "before it is recorded":
            raise Killed
        take(asked, position)
        if asked and kill == "once it is recorded":
            raise Killed

    def ask_and_die(self, *place):
        ended = is_ended(self, *place)
        if ended and kill == "before the next phase":
            raise Killed
        return ended

    monkeypatch.setattr(broken, "take_requests", take_and_die)
    monkeypatch.setattr(Stops, "is_ended", ask_and_die)
    if kill != "never":
        with pytest.raises(Killed):
            run_stages(broken)
    monkeypatch.undo()
    # Meanwhile another run has trained the very same stages to their end, for everybody.
    run_stages(make_job(tmp_path, "three", LONGER))
    checkpoint = Checkpoints(broken.run.path).latest()
    resumed = make_asked(tmp_path, "two", (1, 0, 0), "phase", checkpoint=checkpoint, use_store=kill != "never")
    for one, other in zip(weights_of(run_stages(resumed)), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert epochs_of(resumed) == epochs_of(expected)
    assert [each.ends for each in resumed.run.record.stops] == ["phase"]


def test_a_run_without_a_checkpoint_takes_no_stage_from_the_store_that_was_ended_in_it(tmp_path):
    run_stages(make_job(tmp_path, "one", LONGER))
    job = make_job(tmp_path, "two", LONGER)
    job.stops = Stops((stop("phase", stage=1),))
    run_stages(job)
    assert [each["source"] for each in job.stages] == ["store", "trained"]


def test_what_was_decided_holds_where_epochs_are_trained_once_more(tmp_path):
    job = make_job(tmp_path)
    asked = {"budget": StopRequest(reason="enough", ends="phase")}
    first = with_requests(job.run, asked, Position(1, 0, 2))
    for again in (Position(0, 0, 1), Position(1, 0, 1), Position(1, 0, 2)):
        assert with_requests(job.run, {"another": StopRequest(reason="now")}, again) == first
    assert len(with_requests(job.run, asked, Position(1, 1, 1)).stops) == 2


def test_what_several_trainings_share_is_not_ended(tmp_path, capsys):
    job = make_asked(tmp_path, "one", (0, 0, 0), "run", until=0)
    run_stages(job)
    assert epochs_of(job) == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)]
    assert job.run.record.stops == ()
    assert "several trainings share" in " ".join(capsys.readouterr().err.split())
