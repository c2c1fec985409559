"""A training job on the tiny network: a run folder, two stages, and hooks that are noted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from derm_cli.data.run_data import RunData
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.plan import Plan, Preprocessing
from derm_cli.plugin import EpochReport, StopRequest
from derm_cli.plugin.registry import Registry
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RUNNING, RunRecord
from derm_cli.workflows.training.job import TrainingJob
from derm_cli.workflows.training.planning import Prepared
from tests.support.run_folders import REQUEST
from tests.support.tiny_network import SIZE, TINY, made_photographs, made_stage

STAGE = made_stage(blocks=((), ("block2",)), epochs=1)
PLAN = Plan(
    backbone="tiny",
    weights=None,
    target="second",
    stages=(replace(STAGE, name="first", datasets=("first",)), replace(STAGE, name="second", datasets=("second",))),
    preprocessing=Preprocessing(size=SIZE),
)
ENVIRONMENT = {"precision": "float32"}


class NotedHooks(Registry):
    """The registry of this environment, whose hooks are noted and not called; ``requests`` answers for them."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.requests: Callable[[EpochReport], dict[str, StopRequest]] = lambda _: {}

    def tell(self, event: str, **facts: Any) -> dict[str, Any]:
        self.calls.append((event, facts))
        return self.requests(facts["epoch"]) if event == "derm_epoch_ended" else {}

    def named(self, event: str) -> list[dict[str, Any]]:
        return [facts for name, facts in self.calls if name == event]


def make_samples(name: str, count: int = 36) -> Samples:
    photographs, labels = made_photographs(count)
    cases = pd.DataFrame(
        {
            "case_id": [f"{name}-{number}" for number in range(count)],
            "dataset": name,
            "file": "",
            "label": ["ABC"[label] for label in labels],
            "sha256": [f"{name}{number}" for number in range(count)],
        }
    )
    return Samples(photographs, labels, cases)


def make_run_data() -> RunData:
    """Return two stages with a validation part each, and a test part."""
    validations = tuple(make_samples(f"validation of {name}", 12) for name in ("first", "second"))
    return RunData(
        training=(make_samples("first"), make_samples("second")),
        stage_validation=validations,
        target_validation=validations[1],
        test=make_samples("test", 12),
        split=pd.DataFrame(),
        dropped=pd.DataFrame(),
    )


def make_job(root: Path, run: str = "one", plan: Plan = PLAN, **fields: Any) -> TrainingJob:
    """Return a job in the run folder ``runs/run`` of ``root``, with a stage store in ``root``."""
    backend.start(seed=11)
    folder = RunFolder(root / "runs" / run)
    if not folder.path.exists():
        folder.path.mkdir(parents=True)
        (folder / layout.PLAN).write_text(json.dumps(plan.to_json()))
        folder.write(
            RunRecord(status=RUNNING, request=REQUEST.to_json(), plan=plan.fingerprint(), environment=ENVIRONMENT)
        )
        folder.seal(layout.PLAN)
    session: Any = SimpleNamespace(
        registry=NotedHooks(),
        study=None,
        row="",
        settings=SimpleNamespace(cache_folder=root / "cache", cache_limit_bytes=1 << 30),
    )
    prepared = Prepared(REQUEST, plan, TINY, {})
    execution = backend.ResolvedExecution("float32", "phase", ("cpu:0",), deterministic=True, machine="made")
    job = TrainingJob(session, prepared, folder, make_run_data(), execution, _backbone(), **fields)
    # Its photographs are of no table.
    job.outlines = [f"outline of {stage.name}" for stage in plan.stages]
    return job


def _backbone() -> Any:
    import keras

    keras.utils.set_random_seed(11)
    return TINY.build(SIZE, None)


def weights_of(network: Any) -> list[np.ndarray]:
    return [np.array(variable) for variable in network.model.weights]
