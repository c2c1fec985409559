"""After a signal the next step is the last, and a position is passed at which a checkpoint can be written."""

from __future__ import annotations

import signal

import pytest

from derm_cli.engine.position import Position
from derm_cli.engine.stopping import Stopped
from tests.support.tiny_network import TINY, TrainingLog, made_photographs, made_stage, trainer_for


def test_the_step_after_a_signal_is_the_last():
    trainer = trainer_for(TINY, made_photographs(), made_stage(blocks=((),), epochs=1))
    assert trainer.steps > 4, "so that the stop is inside the epoch"
    positions = []

    def stop(position: Position) -> None:
        # The first position is the compiled step's; the next would come after 64 steps, or at the epoch's end.
        positions.append(position)
        trainer.stopping.raise_noted()
        trainer.stopping.noted = signal.SIGTERM

    with pytest.raises(Stopped):
        trainer.train(TrainingLog(stop))
    assert [position.step for position in positions] == [1, 2]


def test_a_signal_after_the_last_step_ends_the_training_with_the_epoch():
    trainer = trainer_for(TINY, made_photographs(), made_stage(blocks=((),), epochs=2))

    def stop(position: Position) -> None:
        if position.epoch == 1:
            trainer.stopping.noted = signal.SIGTERM

    log = TrainingLog(stop)
    with pytest.raises(Stopped):
        trainer.train(log)
    assert len(log.epochs) == 1
