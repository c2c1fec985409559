"""Beginning, and going on with, the carrying out of a plan: ``derm train``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from derm_cli.console import warn
from derm_cli.data.ingesting import ingest
from derm_cli.data.run_data import RunData, assemble
from derm_cli.data.splitting.frozen_split import FrozenSplit
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.clock import BUILDING, Clock
from derm_cli.errors import DermError
from derm_cli.files import leftovers, sha256_of, whole, write_text
from derm_cli.plan import RUN_PREFIX, Plan
from derm_cli.plugin import ExporterSpec
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder, now
from derm_cli.runs.log import RunLog
from derm_cli.runs.record import FINISHED, RUNNING, Process, RunRecord, SplitCounts
from derm_cli.workflows.cache import PROGRAMS
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.job import TrainingJob, carry_out
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.request import TrainRequest


def train(
    session: Session, request: TrainRequest, use_store: bool = True, split_of: RunFolder | None = None
) -> RunFolder:
    """Carry out ``request`` in a new run folder and return it, finished.

    The datasets are split as earlier runs of the runs folder split them, or as the run ``split_of`` has it.  With
    ``use_store``, stages that were trained before, on the same contents in the same way, are taken from the stage
    store.  Raises DermError (RequestError for the request itself) before anything is written where it cannot be carried
    out.  What interrupts it later leaves a run that :func:`resume` goes on with.
    """
    with RunLog() as log:
        return _train(session, request, use_store, split_of, log)


def _train(
    session: Session, request: TrainRequest, use_store: bool, split_of: RunFolder | None, log: RunLog
) -> RunFolder:
    session.registry.get(ExporterSpec, KERAS_EXPORTER)
    prepared = prepare(session, request)
    plan = prepared.plan
    _start(session, plan)
    with backend.computing(plan.execution, batches(plan)) as settled:
        clock = Clock()
        with clock(BUILDING):
            backbone = build_backbone(session, prepared)
        lessons, fingerprints = _lessons(session, prepared, split_of)
        run = session.runs.new()
        write_text(run / layout.PLAN, json.dumps(plan.to_json(), indent=2) + "\n")
        for name, frame in ((layout.SPLIT, lessons.split), (layout.DROPPED, lessons.dropped)):
            with whole(run / name) as temporary:
                frame.to_csv(temporary, index=False)
        # The record comes last: a folder without one is no run, and one that has it can be gone on with.
        record = RunRecord(
            files={name: sha256_of(run / name) for name in (layout.PLAN, layout.SPLIT, layout.DROPPED)},
            status=RUNNING,
            process=Process.current(),
            started=now(),
            request=request.to_json(),
            plan=plan.fingerprint(),
            preprocessing=plan.preprocessing.fingerprint(),
            data=fingerprints,
            splits={name: SplitCounts(**counts) for name, counts in lessons.summary().items()},
            synthetic=prepared.made,
            environment=backend.versions() | settled.to_json(),
            store=use_store,
        )
        run.write(record)
        log.begin(run)
        work = TrainingJob(session, prepared, run, lessons, settled, backbone, build_backbone)
        return carry_out(replace(work, clock=clock, use_store=use_store))


def resume(session: Session, run: RunFolder) -> RunFolder:
    """Go on with a run that was interrupted or failed, from its last checkpoint, and return it, finished.

    Raises DermError where it is finished or still running, or where the data or the plugins are not those that it
    began with.
    """
    with RunLog() as log:
        return _resume(session, run, log)


def _resume(session: Session, run: RunFolder, log: RunLog) -> RunFolder:
    if run.status in (FINISHED, RUNNING):
        raise DermError(f"Run '{run.id}' is {run.status}: there is nothing to go on with.")
    record = run.record
    request = TrainRequest.from_json(record.request)
    prepared = prepare(session, request)
    plan = prepared.plan
    if plan != run.plan:
        raise DermError(
            f"Run '{run.id}' had another plan than its request gives now (plugins or classes changed): train anew."
        )
    _start(session, plan)
    with backend.computing(plan.execution, batches(plan)) as settled:
        lessons, fingerprints = _lessons(session, prepared, run)
        for name, fingerprint in fingerprints.items():
            if record.data.get(name) != fingerprint:
                raise DermError(
                    f"Dataset '{name}' is not the one that run '{run.id}' began with (files or labels changed): train "
                    "anew."
                )
        elsewhere = (record.elsewhere or {}) | _changed(run, record.environment, settled)
        stored = Checkpoints(run.path).latest()
        backbone = build_backbone(session, prepared)
        for half in leftovers(run.path):
            half.unlink(missing_ok=True)
        run.write(replace(run.record, status=RUNNING, process=Process.current(), elsewhere=elsewhere))
        log.begin(run)
        work = TrainingJob(session, prepared, run, lessons, settled, backbone, build_backbone)
        return carry_out(replace(work, stored=stored, use_store=record.store, keep_stages=not elsewhere))


def batches(plan: Plan) -> list[int]:
    """Return the number of photographs in a batch of each stage."""
    return [len(stage.classes) * plan.per_class for stage in plan.stages]


def build_backbone(session: Session, prepared: Prepared) -> Any:
    """Build the backbone with the weights that the plan begins with.

    A run that is gone on with begins so too, though its checkpoint then replaces the weights: what a build takes from
    them beside variables, such as the scaling, must be the same.
    """
    from derm_cli.engine.network import backbone_of, restore

    source, size = prepared.plan.weights, prepared.plan.preprocessing.size
    if source is None or not source.startswith(RUN_PREFIX):
        return prepared.backbone.build(size, source)
    import keras

    run = session.runs.find(source.removeprefix(RUN_PREFIX))
    model = keras.saving.load_model(run.sealed(layout.MODEL), compile=False)
    earlier = backbone_of(restore(model, prepared.backbone))
    entry = keras.Input((size, size, 3), name="image")
    policy = keras.config.dtype_policy()

    def copy(layer: keras.Layer) -> keras.Layer:
        # A finished model is in float32; here it may be trained in less.
        return type(layer).from_config({**layer.get_config(), "dtype": policy})

    resized = keras.models.clone_model(earlier, input_tensors=entry, clone_function=copy)
    resized.set_weights(earlier.get_weights())
    return keras.Model(entry, resized.output)


def _start(session: Session, plan: Plan) -> None:
    backend.start(plan.seed, plan.execution.deterministic, session.settings.cache_folder / PROGRAMS)


def _lessons(session: Session, prepared: Prepared, split_of: RunFolder | None) -> tuple[RunData, dict[str, str]]:
    """Split the photographs as the run ``split_of`` did, else as earlier ones did, and keep what is new of it."""
    cache, rule = session.settings.cache_folder, prepared.plan.preprocessing
    frozen = _frozen(split_of) if split_of else None
    ingested = {name: ingest(records, rule, cache) for name, records in prepared.records.items()}
    fingerprints = {name: each.fingerprint() for name, each in ingested.items()}
    while True:
        ledgers = SplitLedgers(session.runs.root)
        lessons = assemble(prepared.plan, ingested, ledgers, frozen)
        # Another run may have split the same data meanwhile: what it decided holds.
        if ledgers.write():
            return lessons, fingerprints


def _frozen(run: RunFolder) -> FrozenSplit:
    """Return the split of a run.  Raises DermError where it was changed."""
    return FrozenSplit.read(run.id, run.sealed(layout.SPLIT), run.sealed(layout.DROPPED))


def _changed(run: RunFolder, before: dict[str, Any], settled: backend.Settled) -> dict[str, Any]:
    """Return what is not here as it was where the run began; warn of it, for the rest of the run could differ by it."""
    now = backend.versions() | settled.to_json()
    changed = {name: value for name, value in now.items() if before.get(name) != value}
    for name, value in changed.items():
        warn(
            f"run '{run.id}' began with {name} '{before.get(name)}', here it is '{value}': it may not end with the "
            "bits that it would have had."
        )
    return changed
