"""What the plain script is told to do is what derm did."""

from __future__ import annotations

import json
from dataclasses import replace

from benchmarks.training_task import TrainingTask
from derm_cli.plan import PAPER_AUGMENTATION, Phase, Plan, Preprocessing, Stage
from derm_cli.taxonomy import LesionClass


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


def test_classes_and_files_of_a_run_are_read_as_they_were_before_they_were_written(tmp_path):
    classes = tuple(LesionClass(name=name, title=name) for name in ("=1+1", "@x"))
    phase = Phase(name="head", blocks=(), epochs=1, head_rate=0.1, block_rate=0.1)
    stage = Stage(name="a", datasets=("a",), classes=classes, phases=(phase,))
    plan = Plan(backbone="b", weights=None, target="a", stages=(stage,), preprocessing=Preprocessing(size=32))
    (tmp_path / "plan.json").write_text(json.dumps(replace(plan, augmentation=PAPER_AUGMENTATION).to_json()))
    (tmp_path / "split.csv").write_text("file,label,part\n'-a+b.jpg,'@x,train\nc.jpg,'=1+1,test\n")
    task = TrainingTask.from_run(tmp_path, tmp_path, tmp_path / "m.keras")
    assert task.train == ((str(tmp_path / "-a+b.jpg"), 1),)
    assert task.test == ((str(tmp_path / "c.jpg"), 0),)
