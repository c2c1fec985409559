"""What the plain script is told to do is what derm did."""

from __future__ import annotations

from benchmarks.training_task import TrainingTask
from derm_cli.plan import PAPER_AUGMENTATION, Phase


def test_a_job_is_read_as_it_was_written(tmp_path):
    phase = Phase(name="head+a", blocks=("a",), epochs=2, head_rate=0.1, block_rate=0.01)
    task = TrainingTask(
        backbone="b",
        weights=None,
        size=32,
        seed=1,
        classes=2,
        per_class=1,
        steps=3,
        augmentation=PAPER_AUGMENTATION,
        phases=(phase,),
        train=(("a.jpg", 0), ("b.jpg", 1)),
        test=(("c.jpg", 1),),
        model="m.keras",
    )
    task.write(tmp_path / "task.json")
    assert TrainingTask.read(tmp_path / "task.json") == task
