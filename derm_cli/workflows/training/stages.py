"""Training the stages of a run, one after another, but for those that a checkpoint or the stage store has.

It needs a training framework: import it after :func:`derm_cli.engine.backend.start`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.arrays import Array
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.engine.checkpoint import Checkpoint, Checkpoints
from derm_cli.engine.clock import Clock
from derm_cli.engine.compile_ahead import compiling_ahead, without_photographs
from derm_cli.engine.network import Network, add_head, copy_value, network_variables
from derm_cli.engine.position import Position
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.trainer import StageTrainer
from derm_cli.engine.validating import Validation
from derm_cli.plan import Plan
from derm_cli.plugin import StageFacts
from derm_cli.runs.array_store import StoredArrays
from derm_cli.runs.record import STORE, TRAINED
from derm_cli.runs.stage_store import OUTLINE, StageStore
from derm_cli.workflows.training.job import TrainingJob
from derm_cli.workflows.training.recorder import Recorder, write_history
from derm_cli.workflows.training.run_work import StageWatcher, forecast_of
from derm_cli.workflows.training.stage_keys import stage_keys
from derm_cli.workflows.training.teacher import TeacherQuestion, is_distilled, teacher_answers


def run_stages(job: TrainingJob) -> Network:
    """Train every stage that neither the checkpoint nor the stage store has; return the network of the last stage.

    Those after the job's ``last_stage`` are left out.
    """
    store = StageStore(job.session.settings.cache_folder, job.session.settings.cache_limit_bytes)
    keys = stage_keys(job.plan, job.run_data, job.run.record.environment, job.backbone)
    job.forecast = forecast_of(job)
    network, first = _finished_stages(job, store, keys)
    for index in range(first, job.last_stage + 1):
        recorder = _train_stage(job, index, network)
        network = recorder.trainer.network
        _keep_stage(job, index, network, store, keys[index])
        recorder.stage_finished()
    job.forecast.stages_ended()
    assert network is not None
    return network


def _finished_stages(job: TrainingJob, store: StageStore, keys: list[str]) -> tuple[Network | None, int]:
    """Return the network of the last stage that need not be trained, if any, and the index of the first that must."""
    if job.checkpoint is not None:
        return _stages_of_checkpoint(job, job.checkpoint)
    if job.use_store:
        for index in reversed(range(job.last_stage + 1)):
            # What a plugin had end here is not what another run trained to its end.
            stored = None if job.stops.touches(index) else store.find(keys[index])
            if stored is not None:
                _take_from_store(job, stored)
                return _stage_network(job, index, partial(_assign, stored.arrays)), index + 1
    return None, 0


def _stages_of_checkpoint(job: TrainingJob, checkpoint: Checkpoint) -> tuple[Network | None, int]:
    job.history, job.stages = checkpoint.notes["history"], checkpoint.notes["stages"]
    job.clock = Clock(checkpoint.notes["seconds"])
    index = checkpoint.position.stage
    between_stages = index > 0 and checkpoint.position == Position(stage=index)
    return (_stage_network(job, index - 1, checkpoint.restore) if between_stages else None), index


def _take_from_store(job: TrainingJob, stored: StoredArrays) -> None:
    """Take over the history and records of a stored stage and those before it."""
    job.history = list(stored.facts["history"])
    for index, record in enumerate(stored.facts["stages"]):
        job.stages.append(record | {"source": STORE})
        facts = stage_facts(job.plan, index, job.run_data.training[index], stored_by=record["run"])
        job.call_hook("derm_stage_started", stage=facts)
    write_history(job)


def _train_stage(job: TrainingJob, index: int, previous: Network | None) -> Recorder:
    """Train a stage, from its beginning or from the checkpoint, and return who recorded it."""
    carried = previous if job.plan.stages[index].head == "carried" else None
    with compiling_ahead(_next_trainer(job, index + 1)):
        trainer, start = _stage_trainer(job, index, carried), Position(stage=index)
        if job.checkpoint and job.checkpoint.position.stage == index:
            start = job.checkpoint.position
            trainer.resume(start, job.checkpoint.notes["trainer"], job.checkpoint.restore)
        recorder = Recorder(job, index, trainer, Checkpoints(job.run.path))
        job.call_hook("derm_stage_started", stage=stage_facts(job.plan, index, job.run_data.training[index]))
        trainer.train(recorder, start)
    return recorder


def _keep_stage(job: TrainingJob, index: int, network: Network, store: StageStore, key: str) -> None:
    """Record a trained stage, and put its network into the stage store where the run keeps stages."""
    plan, stage = job.plan, job.plan.stages[index]
    job.stages.append({"name": stage.name, "source": TRAINED, "run": job.run.id})
    facts = {
        "backbone": plan.backbone,
        "chain": [plan.weights or "random weights", *(each.name for each in plan.stages[: index + 1])],
        "classes": len(stage.classes),
        "run": job.run.id,
        "history": job.history,
        "stages": job.stages,
        OUTLINE: job.outlines[index],
    }
    # The key tells nothing of where plugins had training end.
    if job.keep_stages and not job.stops.touches(index):
        store.keep(key, [copy_value(variable) for variable in network_variables(network)], facts)


def _stage_network(job: TrainingJob, index: int, fill: Callable[[list[Any]], None]) -> Network:
    """Build the network of a finished stage, and have ``fill`` give its variables their values."""
    network = add_head(job.backbone, job.prepared.backbone, len(job.plan.stages[index].classes))
    fill(network_variables(network))
    return network


def _assign(arrays: list[Array], variables: list[Any]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _stage_trainer(job: TrainingJob, index: int, carried: Network | None) -> StageTrainer:
    """Return the trainer of a stage, whose head goes on from the network ``carried``, if given."""
    plan, stage = job.plan, job.plan.stages[index]
    # Before the seed is set: to load the teacher may draw from it.
    stage_answers(job, index)
    backend.start(stage_seed(plan.seed, index), plan.execution.deterministic)
    network = add_head(job.backbone, job.prepared.backbone, len(stage.classes), carried)
    inputs, compute = stage_inputs(job, index), compute_options(job)
    watcher = StageWatcher(job.forecast, sum(len(each.phases) for each in plan.stages[:index]))
    return StageTrainer(network, stage, inputs, compute, job.clock, stopping=job.stopping, watcher=watcher)


def _next_trainer(job: TrainingJob, index: int) -> StageTrainer | None:
    """Return a trainer of the next stage to compile ahead, or None where that is not worth its while.

    Only XLA's programs are found again in a cache, and only an accelerator leaves the cores to the compiler.  Without
    augmentation a program is built on features that are not there yet.
    """
    plan = job.plan
    if index == len(plan.stages) or not backend.compiles_ahead() or plan.augmentation is None:
        return None
    stage = plan.stages[index]
    network = add_head(job.rebuild_backbone(), job.prepared.backbone, len(stage.classes))
    return StageTrainer(network, stage, without_photographs(stage_inputs(job, index)), compute_options(job))


def stage_inputs(job: TrainingJob, index: int) -> StageInputs:
    """Return what a stage of the job trains on."""
    plan, part, validation = job.plan, job.run_data.training[index], job.run_data.stage_validation[index]
    return StageInputs(
        part.photographs,
        part.labels,
        plan.per_class,
        plan.augmentation,
        stage_seed(plan.seed, index),
        plan.norm_momentum,
        job.session.registry,
        Validation(validation.photographs, validation.labels) if validation is not None else None,
        stage_answers(job, index),
    )


def stage_answers(job: TrainingJob, index: int) -> npt.NDArray[np.float32] | None:
    """Return what the teacher answers to a stage's photographs, float32 (n, classes), computed once; None without."""
    teacher = job.prepared.teacher
    if teacher is None or not is_distilled(job.plan.stages[index]):
        return None
    if index not in job.answers:
        question = TeacherQuestion(job.run_data.training[index], job.prepared.records, job.plan.preprocessing)
        job.answers[index] = teacher_answers(job.session, teacher, question)
    return job.answers[index]


def compute_options(job: TrainingJob) -> ComputeOptions:
    """Return how the engine computes the job's stages."""
    execution = job.plan.execution
    return ComputeOptions(
        by_stage=job.execution.programs == "stage",
        half=job.execution.precision == "float16",
        compiled=backend.uses_xla(),
        frozen_check=execution.frozen_check,
        trace_ahead=backend.traces_ahead(),
        resident_bytes=backend.resident_bytes(execution.resident_share),
    )


def stage_seed(seed: int, index: int) -> int:
    """Return the seed of a stage, uint32, by which a run's stages draw differently."""
    return int(np.random.SeedSequence((seed, index)).generate_state(1)[0])


def stage_facts(plan: Plan, index: int, part: Samples, stored_by: str | None = None) -> StageFacts:
    """Return what hooks are given of a stage that trains on ``part``; ``stored_by`` is the run that trained it."""
    stage = plan.stages[index]
    counts = np.bincount(part.labels, minlength=len(stage.classes))
    return StageFacts(
        index=index,
        stage=stage,
        photographs={each.name: int(count) for each, count in zip(stage.classes, counts, strict=True)},
        steps=steps_per_epoch(len(part.labels), len(stage.classes), plan.per_class),
        stored_by=stored_by,
    )
