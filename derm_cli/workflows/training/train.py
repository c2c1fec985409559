"""Training a run, from its beginning or on from where it stopped: ``derm train``."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from derm_cli.console import warn
from derm_cli.csv_cells import write_frame
from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.run_data import RunData, assemble
from derm_cli.data.splitting.frozen_split import FrozenSplit
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints, NoWholeCheckpoint
from derm_cli.engine.clock import BUILDING, Clock
from derm_cli.engine.stopping import StopSignals, exit_status_of, reason_of
from derm_cli.errors import DermError, Interrupted
from derm_cli.files import leftovers, sha256_of, whole, write_text
from derm_cli.plan import Plan
from derm_cli.plugin import ExporterSpec
from derm_cli.plugin.calling import PluginFault
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder, now
from derm_cli.runs.lease import lease_held
from derm_cli.runs.log import RunLog
from derm_cli.runs.record import FAILED, FINISHED, INTERRUPTED, RUNNING, Process, RunRecord, SplitCounts
from derm_cli.runs.runs import if_it_is_dead, require_trained
from derm_cli.workflows.cache import PROGRAMS
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.backbone import build_backbone
from derm_cli.workflows.training.job import TrainingJob
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.plugin_contracts import refuse_unfit_network
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.seen_photographs import refuse_seen_by_sources, warn_of_tested_elsewhere
from derm_cli.workflows.training.weight_source import with_full_reference


class ChangedSince(DermError):
    """What a run began with, its plan or its data, is not what there is now: it cannot be gone on with."""


def train(
    session: Session, request: TrainRequest, use_store: bool = True, split_of: RunFolder | None = None
) -> RunFolder:
    """Carry out ``request`` in a new run folder and return it, finished.

    The datasets are split as earlier runs of the runs folder split them, or as the run ``split_of`` has it.  With
    ``use_store``, stages that were trained before, on the same contents in the same way, are taken from the stage
    store, and new ones are kept there.  Raises DermError (RequestError for the request itself) before anything is
    written where it cannot be carried out.  What interrupts it later leaves a run that :func:`resume` goes on with; a
    signal before there is a run raises Stopped, and leaves none.
    """
    with RunLog() as log, StopSignals() as stopping:
        return _train(session, request, use_store, split_of, log=log, stopping=stopping)


def train_stages(session: Session, request: TrainRequest, until: int, folder: RunFolder) -> None:
    """Train the stages of ``request`` up to the one of index ``until`` into the stage store, and nothing more.

    It is done in ``folder``, no run's, which is gone afterwards.  One that an earlier call left half done is gone on
    with, or begun anew where data or plugins changed since.  Stages that the store has are taken from there.  Raises as
    :func:`train` does.
    """
    if not _gone_on_with(session, folder, until):
        shutil.rmtree(folder.path, ignore_errors=True)
        with RunLog() as log, StopSignals() as stopping:
            _train(session, request, True, None, log=log, stopping=stopping, folder=folder, until=until)
    shutil.rmtree(folder.path)


def _gone_on_with(session: Session, folder: RunFolder, until: int) -> bool:
    """Go on with stages that were begun, and tell whether that could be done."""
    if not (folder / layout.RECORD).exists():
        return False
    try:
        resume(session, folder, until)
    except (ChangedSince, NoWholeCheckpoint) as error:
        # What to do is said to who goes on with a run; this is none.
        warn(f"stages that were half trained are begun anew: {str(error).rpartition(': ')[0]}.")
        return False
    return True


def _train(
    session: Session,
    request: TrainRequest,
    use_store: bool,
    split_of: RunFolder | None,
    *,
    log: RunLog,
    stopping: StopSignals,
    folder: RunFolder | None = None,
    until: int | None = None,
) -> RunFolder:
    session.registry.get(ExporterSpec, KERAS_EXPORTER)
    if split_of is None:
        # A run that is repeated keeps its request to the letter: what differs in the end is to be the outcome alone.
        request = with_full_reference(session, request)
    prepared = prepare(session, request, split_of)
    plan = prepared.plan
    _start_backend(session, plan)
    with backend.resolve_execution(plan.execution, plan.batch_sizes) as execution:
        clock = Clock()
        with clock(BUILDING):
            backbone = build_backbone(prepared)
        refuse_unfit_network(backbone, prepared.backbone, plan.preprocessing.size)
        ingested, fingerprints = _ingested(session, prepared)
        run_data = _split_data(session, prepared, ingested, split_of)
        if not plan.keeps_test_part:
            warn_of_tested_elsewhere(session.runs, run_data.split)
        # A signal waits until there is a run that says so.
        stopping.hold()
        run = session.runs.new() if folder is None else folder
        run.path.mkdir(parents=True, exist_ok=True)
        with _gone_unless_begun(run), lease_held(run.path):
            write_text(run / layout.PLAN, json.dumps(plan.to_json(), indent=2) + "\n")
            for name, frame in ((layout.SPLIT, run_data.split), (layout.DROPPED, run_data.dropped)):
                with whole(run / name) as temporary:
                    write_frame(frame, temporary)
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
                splits={name: SplitCounts(**counts) for name, counts in run_data.summary().items()},
                synthetic=prepared.is_synthetic,
                environment=backend.environment(execution),
                store=use_store,
            )
            run.write(record)
            session.remember_folders()
            log.begin(run)
            return _run_job(
                TrainingJob(
                    session,
                    prepared,
                    run,
                    run_data,
                    execution,
                    backbone,
                    use_store=use_store,
                    keep_stages=use_store,
                    clock=clock,
                    stopping=stopping,
                    until=until,
                )
            )


@contextmanager
def _gone_unless_begun(run: RunFolder) -> Iterator[None]:
    """Remove the folder of a run where a ``with`` block fails before the run has a record: it is no run."""
    try:
        yield
    except BaseException:
        if not (run / layout.RECORD).exists():
            shutil.rmtree(run.path, ignore_errors=True)
        raise


def resume(session: Session, run: RunFolder, until: int | None = None) -> RunFolder:
    """Go on with a run that was interrupted or failed, from its last checkpoint, and return it, finished.

    With ``until`` no more than the stages up to that index are trained, as :func:`train_stages` has it.
    Raises DermError where it is finished or still running, where another process is at work in its folder, or where
    the data or the plugins are not those that it began with.
    """
    require_trained(run)
    _require_unfinished(run, until)
    with lease_held(run.path), RunLog() as log, StopSignals() as stopping:
        # Another process may have gone on with it, and come to the end, before the lock was ours.
        _require_unfinished(run, until)
        return _resume(session, run, log, stopping, until)


def _require_unfinished(run: RunFolder, until: int | None) -> None:
    status = run.status
    if status == RUNNING and until is not None:
        raise DermError(f"Another process trains these stages in '{run.path}': wait until it has ended, or end it.")
    if status == FINISHED:
        raise DermError(f"Run '{run.id}' is {status}: there is nothing to go on with.")
    if status == RUNNING:
        raise DermError(f"Run '{run.id}' is {status}: there is nothing to go on with.{if_it_is_dead(run)}")


def _resume(
    session: Session, run: RunFolder, log: RunLog, stopping: StopSignals, until: int | None = None
) -> RunFolder:
    record = run.record
    request = TrainRequest.from_json(record.request)
    prepared = prepare(session, request, run)
    plan = prepared.plan
    if plan != run.plan:
        raise ChangedSince(
            f"Run '{run.id}' had another plan than its request gives now (plugins or classes changed): train anew."
        )
    _start_backend(session, plan)
    with backend.resolve_execution(plan.execution, plan.batch_sizes) as execution:
        ingested, fingerprints = _ingested(session, prepared)
        for name, fingerprint in fingerprints.items():
            if record.data.get(name) != fingerprint:
                raise ChangedSince(
                    f"Dataset '{name}' is not the one that run '{run.id}' began with (files or labels changed): train "
                    "anew."
                )
        run_data = _split_data(session, prepared, ingested, run)
        elsewhere = (record.elsewhere or {}) | _changed_environment(run, record.environment, execution)
        checkpoint = Checkpoints(run.path, run=run.argument).latest()
        backbone = build_backbone(prepared)
        stopping.hold()
        for half_written in leftovers(run.path):
            half_written.unlink(missing_ok=True)
        run.write(replace(run.record, status=RUNNING, process=Process.current(), elsewhere=elsewhere))
        log.begin(run)
        return _run_job(
            TrainingJob(
                session,
                prepared,
                run,
                run_data,
                execution,
                backbone,
                checkpoint,
                use_store=record.store,
                keep_stages=record.store and not elsewhere,
                stopping=stopping,
                until=until,
            )
        )


def _run_job(job: TrainingJob) -> RunFolder:
    """Train and finish the job's run, and leave a record of whatever stops it."""
    from derm_cli.workflows.training.finishing import finish
    from derm_cli.workflows.training.stages import run_stages

    run = job.run
    what, again = f"run '{run.id}'", f"go on with 'derm train --resume {run.argument}'"
    if job.until is not None:
        # Its folder is no run, and its name none that a command knows.
        what, again = (
            f"the training up to stage '{run.plan.stages[job.until].name}'",
            "the same command goes on with it",
        )
    try:
        job.stopping.release()
        job.call_hook("derm_run_started")
        network = run_stages(job)
        if job.until is None:
            finish(job, network)
    except KeyboardInterrupt as stopped:
        reason = reason_of(stopped)
        _record_failure(run, INTERRUPTED, reason)
        how = reason.removesuffix(" by the user")
        raise Interrupted(f"{what[0].upper()}{what[1:]} was {how}: {again}.", exit_status_of(stopped)) from None
    except (OSError, DermError) as error:
        _record_failure(run, FAILED, str(error))
        refusal = error.__cause__ if isinstance(error, DermError) else error
        if not isinstance(refusal, OSError) or isinstance(error, PluginFault):
            raise
        why = "No space is left on the disk" if refusal.errno == errno.ENOSPC else f"The system refused ({refusal})"
        raise DermError(f"{why} while {what} was written in '{run.path}': mend that, then {again}.") from error
    except BaseException as error:
        fault = job.session.registry.fault_in(error)
        _record_failure(run, FAILED, str(fault or error))
        raise
    return run


def _record_failure(run: RunFolder, status: str, reason: str) -> None:
    try:
        run.require_own()
        run.write(replace(run.record, status=status, reason=reason, ended=now()))
    except (OSError, DermError):
        # A full disk: the record still says running, and a process that is gone reads as interrupted.  Or the run is
        # another's now, whose record says what becomes of it.
        return


def _start_backend(session: Session, plan: Plan) -> None:
    backend.start(plan.seed, plan.execution.deterministic, session.settings.cache_folder / PROGRAMS)


def _ingested(session: Session, prepared: Prepared) -> tuple[dict[str, Ingested], dict[str, str]]:
    """Return the datasets decoded, and the fingerprint of each, by name."""
    cache, plan = session.settings.cache_folder, prepared.plan
    ingested = {
        name: ingest(records, plan.preprocessing, cache, prepared.vectors) for name, records in prepared.records.items()
    }
    return ingested, {
        name: each.fingerprint(plan.metadata if name == plan.target else ()) for name, each in ingested.items()
    }


def _split_data(
    session: Session, prepared: Prepared, ingested: dict[str, Ingested], split_of: RunFolder | None
) -> RunData:
    """Split the photographs as the run ``split_of`` did, else as earlier ones did, and keep what is new of it.

    Raises DermError where the split of that run was changed.
    """
    frozen = None
    if split_of:
        frozen = FrozenSplit.read(split_of.id, split_of.sealed(layout.SPLIT), split_of.sealed(layout.DROPPED))
    while True:
        ledgers = SplitLedgers(session.runs.root)
        run_data = assemble(prepared.plan, ingested, ledgers, frozen)
        if split_of is None:
            refuse_seen_by_sources(session, prepared, run_data.split)
        # Another run may have split the same data meanwhile: what it decided holds.
        if ledgers.write():
            return run_data


def _changed_environment(
    run: RunFolder, before: dict[str, Any], execution: backend.ResolvedExecution
) -> dict[str, Any]:
    """Return what is not here as it was where the run began; warn of it, for the rest of the run could differ by it."""
    changed = backend.changed_environment(before, execution)
    for name, value in changed.items():
        here = "unset" if value is None else value
        warn(
            f"run '{run.id}' began with {name} '{before.get(name)}', here it is '{here}': it may not end with the "
            "bits that it would have had."
        )
    return changed
