"""What trainings take, by those that were measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.engine.backend import processor
from derm_cli.plan import Preprocessing
from derm_cli.runs import layout
from derm_cli.studies.planning.estimating import MeasuredRun, Measurements
from tests.support.member_runs import make_member
from tests.support.run_folders import HISTORY, PLAN

MADE = MeasuredRun("made", 32, "full", seconds=10.0, images=100, beside=5.0, bytes=1000)


@pytest.mark.parametrize(
    ("runs", "size", "schedule", "seconds", "size_of_run"),
    [
        ([MADE], 32, "full", 5 + 200 * 0.1, 1000),
        # Photographs of twice the side have four times the pixels.
        ([MADE], 64, "full", 5 + 200 * 0.4, 1000),
        # The same schedule tells more than another one.
        ([MADE, replace(MADE, schedule="probe", seconds=1.0)], 32, "probe", 5 + 200 * 0.01, 1000),
        ([replace(MADE, backbone="other")], 32, "full", None, None),
        ([], 32, "full", None, None),
    ],
)
def test_a_training_takes_what_the_nearest_runs_took(runs, size, schedule, seconds, size_of_run):
    plan = replace(PLAN, preprocessing=Preprocessing(size=size))
    estimate = Measurements(runs).training(plan, schedule, 200)
    assert (estimate.seconds, estimate.bytes) == (pytest.approx(seconds), size_of_run)
    stages = Measurements(runs).stages(plan, schedule, 200)
    assert stages == (None if seconds is None else pytest.approx(seconds - 5))


HERE, OTHER, GPU = f"{processor()}, 2 cores", "another processor, 2 cores", "NVIDIA H100"


@pytest.mark.parametrize(
    ("machines", "used"),
    [
        ((HERE, f"{processor()}, 16 cores", OTHER), (HERE,)),
        ((f"{processor()}, 16 cores", OTHER), (OTHER,)),
        ((f"{processor()}, 16 cores", ""), (f"{processor()}, 16 cores", "")),
        # The latest run tells that there is a GPU.
        ((GPU, HERE, GPU, OTHER), (GPU, GPU)),
        ((HERE, GPU), (HERE,)),
    ],
)
def test_runs_on_what_it_will_be_computed_on_tell_most(machines, used):
    runs = [replace(MADE, machine=machine) for machine in machines]
    plan = replace(PLAN, preprocessing=Preprocessing(size=32))
    assert tuple(each.machine for each in Measurements(runs, 2).nearest(plan, "full")) == used


def measured(root, name, **record):
    values = {"started": "2026-11-28T08:00:00+00:00", "ended": "2026-11-28T08:00:20+00:00", **record}
    run = make_member(root, name, **values)
    (run / layout.HISTORY).write_text(HISTORY)
    return run


def test_finished_runs_are_measured_by_their_history(tmp_path):
    found = Measurements.of([measured(tmp_path, "a", environment={"machine": HERE})]).runs
    assert [(each.backbone, each.size, each.seconds, each.images, each.beside, each.machine) for each in found] == [
        ("made", 32, 7.0, 16, 13.0, HERE)
    ]
    assert found[0].bytes > 0


@pytest.mark.parametrize("what", ["stage of the store", "no end", "no history", "damaged"])
def test_a_run_that_does_not_tell_is_left_out(tmp_path, what):
    from derm_cli.runs.record import StageOrigin

    record = {
        "stage of the store": {"stages": (StageOrigin("clinic", "store", "x"),)},
        "no end": {"ended": None},
    }.get(what, {})
    run = measured(tmp_path, "a", **record)
    if what == "no history":
        (run / layout.HISTORY).unlink()
    if what == "damaged":
        (run / layout.RECORD).write_text("{")
    assert Measurements.of([run]).runs == []
