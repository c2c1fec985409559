"""A stage's training is recorded: history, checkpoints where they are due, and the epoch's hook."""

from __future__ import annotations

import csv

import pytest

from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
from derm_cli.runs import layout
from tests.support.tiny_job import make_job

backend.start()

from derm_cli.engine.trainer import EpochResult  # noqa: E402
from derm_cli.engine.validating import ValidationMetrics  # noqa: E402
from derm_cli.workflows.training.recorder import Recorder, peak_memory_bytes  # noqa: E402
from derm_cli.workflows.training.stages import _stage_trainer  # noqa: E402

RESULT = EpochResult(
    phase=1,
    epoch=0,
    loss=0.5,
    accuracy=0.75,
    images=36,
    seconds=1.23456,
    images_per_second=29.1234,
    head_rate=1e-2,
    block_rate=1e-3,
    validation=ValidationMetrics(loss=0.25, balanced_accuracy=0.5),
)


@pytest.fixture
def recorder(tmp_path) -> Recorder:
    job = make_job(tmp_path)
    return Recorder(job, 1, _stage_trainer(job, 1, None), Checkpoints(job.run.path, clock=lambda: 0.0))


def test_an_epoch_is_a_row_of_history_and_a_hook(recorder):
    recorder.epoch_ended(RESULT, Position(1, 1, 1))
    with (recorder.job.run / layout.HISTORY).open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["stage"], row["stage_name"], row["phase_name"], row["epochs"]) == ("1", "second", "p1", "1")
    assert (row["seconds"], row["images_per_second"], row["first"]) == ("1.235", "29.1", "True")
    assert (row["validation_loss"], row["validation_balanced_accuracy"]) == ("0.25", "0.5")
    ((name, facts),) = recorder.job.session.registry.calls
    assert name == "derm_epoch_ended"
    assert recorder.job.history == [vars(facts["epoch"])]
    assert Checkpoints(recorder.job.run.path).latest().position == Position(1, 1, 1)


def test_a_checkpoint_is_written_where_one_is_due_alone(recorder, monkeypatch):
    recorder.checkpoints._next = 1.0
    recorder.position_reached(Position(1, 0, 0, 2))
    assert recorder.checkpoints.latest() is None
    recorder.checkpoints._next = 0.0
    recorder.position_reached(Position(1, 0, 0, 3))
    stored = recorder.checkpoints.latest()
    assert stored.position == Position(1, 0, 0, 3)
    assert set(stored.notes) == {"history", "stages", "seconds", "trainer"}


def test_a_finished_stage_is_the_beginning_of_the_next(recorder):
    recorder.checkpoints._next = 1.0
    recorder.stage_finished()
    assert recorder.checkpoints.latest().position == Position(stage=2)


def test_the_process_takes_some_memory():
    assert peak_memory_bytes() > 1 << 20
