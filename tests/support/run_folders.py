"""Run folders made by hand: what a training leaves behind, without one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.engine import backend
from derm_cli.plan import Phase, Plan, Preprocessing, Stage
from derm_cli.plugin import LesionClass
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import FINISHED, INTERRUPTED, RunRecord
from derm_cli.workflows.training.request import TrainRequest

CLASSES = (LesionClass(name="MEL", title="melanoma"), LesionClass(name="NEV", title="nevus"))
PHASES = tuple(Phase(name=name, blocks=(), epochs=2, head_rate=1e-4, block_rate=1e-5) for name in ("head", "top"))
STAGE = Stage(name="clinic", datasets=("clinic",), classes=CLASSES, phases=PHASES)
PLAN = Plan(backbone="made", weights=None, target="clinic", stages=(STAGE,), preprocessing=Preprocessing(size=32))
REQUEST = TrainRequest.from_options(backbone="made", chain=("clinic",), size=32, epochs=2)
SPLIT = """dataset,case_id,file,label,sha256,part
clinic,a,a.png,MEL,01,train
clinic,b,b.png,NEV,02,train
clinic,c,c.png,MEL,03,test
clinic,d,d.png,NEV,04,test
"""
HISTORY = """stage,stage_name,phase,phase_name,epoch,epochs,loss,accuracy,images,seconds,head_rate,block_rate,first
0,clinic,0,head,0,2,0.7,0.5,4,1.5,0.0001,1e-05,True
0,clinic,0,head,1,2,0.6,0.5,4,1.0,0.0001,1e-05,False
0,clinic,1,top,0,2,0.5,0.75,4,2.5,0.0001,1e-05,True
0,clinic,1,top,1,2,0.4,1.0,4,2.0,0.0001,1e-05,False
"""
PREDICTIONS = """case_id,label,prediction,p_MEL,p_NEV
c,MEL,MEL,0.75,0.25
d,NEV,NEV,0.25,0.75
"""
EVALUATION = {"cases": 2, "accuracy": 1.0, "per_class": {"MEL": {"sensitivity": 1.0, "auc": None}}, "notes": []}
UNFINISHED = (layout.PLAN, layout.SPLIT)


def make_models(folder: Path) -> tuple[Path, Path]:
    """Store two networks of two layers, 'stem' and 'head', whose heads differ in two weights."""
    backend.start()
    import keras

    entry = keras.Input((4,), name="image")
    flow = keras.layers.Dropout(0.2)(keras.layers.Dense(3, name="stem")(entry))
    model = keras.Model(entry, keras.layers.Dense(2, name="head")(flow))
    weights = [np.full(variable.shape, 0.5, "float32") for variable in model.weights]
    one, other = folder / "one.keras", folder / "other.keras"
    for path, change in ((one, 0.0), (other, 0.25)):
        weights[2][1, 0] += change
        weights[2][2, 1] -= 2 * change
        model.set_weights(weights)
        model.save(path)
    return one, other


def make_run(root: Path, name: str, model: Path) -> RunFolder:
    """Write a finished run of two phases of two epochs, with ``model`` as its network."""
    run = RunFolder(root / name)
    run.path.mkdir(parents=True)
    record = RunRecord(
        status=FINISHED,
        request=REQUEST.to_json(),
        plan=PLAN.fingerprint(),
        data={"clinic": "0123456789abcdef" * 4},
        synthetic=False,
        environment={"python": "3.11.7", "keras": "3.15.1", "devices": ["cpu:0"]},
    )
    run.write(record)
    texts = {
        layout.PLAN: json.dumps(PLAN.to_json()),
        layout.SPLIT: SPLIT,
        layout.HISTORY: HISTORY,
        layout.PREDICTIONS: PREDICTIONS,
        layout.EVALUATION: json.dumps(EVALUATION),
    }
    for file, text in texts.items():
        (run / file).write_text(text)
    shutil.copy(model, run / layout.MODEL)
    run.seal(*texts, layout.MODEL)
    return run


def rewrite(run: RunFolder, name: str, old: str, new: str) -> None:
    """Change a text in one of the run's files, as if the run had written it so."""
    text = (run / name).read_text()
    assert old in text
    (run / name).write_text(text.replace(old, new))
    run.seal(name)


def alter(run: RunFolder, key: str, **values: Any) -> None:
    """Change values below a key of run.json."""
    run.write(replace(run.record, **{key: {**getattr(run.record, key), **values}}))


def interrupt(run: RunFolder, epochs: int) -> None:
    """Put the run back to where it was after so many epochs."""
    sealed = {name: digest for name, digest in run.record.files.items() if name in UNFINISHED}
    for name in run.record.files.keys() - sealed.keys() - {layout.HISTORY}:
        (run / name).unlink()
    run.write(replace(run.record, status=INTERRUPTED, files=sealed))
    lines = HISTORY.splitlines(keepends=True)[: epochs + 1]
    (run / layout.HISTORY).write_text("".join(lines)) if epochs else (run / layout.HISTORY).unlink()
