"""Carrying out a plan: ``derm train``."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from derm_cli import __version__
from derm_cli.engine import backend, checkpoint
from derm_cli.errors import DermError
from derm_cli.files import whole, write_text
from derm_cli.plan import RUN_PREFIX, Plan
from derm_cli.plugin import ArtefactFacts, EpochReport, RunFacts, StageFacts
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluate import judge
from derm_cli.workflows.ingesting import ingest
from derm_cli.workflows.lessons import Lessons, Part, divide
from derm_cli.workflows.predict import KERAS_EXPORTER, probabilities
from derm_cli.workflows.preparing import Prepared, prepare
from derm_cli.workflows.request import TrainRequest
from derm_cli.workflows.session import Session

if TYPE_CHECKING:
    from derm_cli.engine.network import Network
    from derm_cli.engine.trainer import Epoch


def train(session: Session, request: TrainRequest) -> RunFolder:
    """Carry out ``request`` in a new run folder and return it, finished.

    Raises DermError (RequestError for the request itself) before anything is written where it cannot be carried out.
    What interrupts it later leaves a run that :func:`resume` goes on with.
    """
    session.registry.exporter(KERAS_EXPORTER)
    prepared = prepare(session, request)
    backend.start(request.seed)
    network = _backbone(session, prepared)
    lessons, fingerprints = _lessons(session, prepared)
    run = session.shelf.new()
    run.update(
        status=names.RUNNING,
        process=names.this_process(),
        started=names.now(),
        request=request.to_json(),
        plan=prepared.plan.fingerprint(),
        data=fingerprints,
        synthetic=prepared.made,
        environment=backend.versions() | {"devices": backend.devices()},
    )
    write_text(run / names.PLAN, json.dumps(prepared.plan.to_json(), indent=2) + "\n")
    for name, frame in ((names.SPLIT, lessons.split), (names.DROPPED, lessons.dropped)):
        with whole(run / name) as temporary:
            frame.to_csv(temporary, index=False)
    run.seal(names.PLAN, names.SPLIT, names.DROPPED)
    return _carry_out(Carrying(session, prepared, run, lessons, network))


def resume(session: Session, run: RunFolder) -> RunFolder:
    """Go on with a run that was interrupted or failed, from its last finished epoch, and return it, finished.

    Raises DermError where it is finished or still running, or where the data or the plugins are not those that it
    began with.
    """
    if run.status in (names.FINISHED, names.RUNNING):
        raise DermError(f"Run '{run.id}' is {run.status}: there is nothing to go on with.")
    record = run.record
    request = TrainRequest.from_json(record["request"])
    prepared = prepare(session, request)
    if prepared.plan != run.plan:
        raise DermError(
            f"Run '{run.id}' had another plan than its request gives now (plugins or classes changed): train anew."
        )
    backend.start(request.seed)
    lessons, fingerprints = _lessons(session, prepared)
    for name, fingerprint in fingerprints.items():
        if record["data"].get(name) != fingerprint:
            raise DermError(
                f"Dataset '{name}' is not the one that run '{run.id}' began with (files or labels changed): train anew."
            )
    stored = checkpoint.Checkpoint(run / names.CHECKPOINT) if (run / names.CHECKPOINT).exists() else None
    network = _backbone(session, prepared)
    run.update(status=names.RUNNING, process=names.this_process())
    return _carry_out(Carrying(session, prepared, run, lessons, network, stored))


def _backbone(session: Session, prepared: Prepared) -> Any:
    """Build the backbone with the weights that the plan begins with.

    A run that is gone on with begins so too, though its checkpoint then replaces the weights: what a build takes from
    them beside variables, such as the scaling, must be the same.
    """
    from derm_cli.engine.network import backbone_of, restore

    source, size = prepared.plan.weights, prepared.plan.preprocessing.size
    if source is None or not source.startswith(RUN_PREFIX):
        return prepared.backbone.build(size, source)
    import keras

    run = session.shelf.find(source.removeprefix(RUN_PREFIX))
    model = keras.saving.load_model(run.sealed(names.MODEL), compile=False)
    earlier = backbone_of(restore(model, prepared.backbone))
    entry = keras.Input((size, size, 3), name="image")
    resized = keras.models.clone_model(earlier, input_tensors=entry)
    resized.set_weights(earlier.get_weights())
    return keras.Model(entry, resized.output)


def _lessons(session: Session, prepared: Prepared) -> tuple[Lessons, dict[str, str]]:
    cache, rule = session.settings.cache_folder, prepared.plan.preprocessing
    ingested = {name: ingest(records, rule, cache) for name, records in prepared.records.items()}
    return divide(prepared.plan, ingested), {name: each.fingerprint() for name, each in ingested.items()}


@dataclass
class Carrying:
    """A plan that is being carried out."""

    session: Session
    prepared: Prepared
    run: RunFolder
    lessons: Lessons
    backbone: Any
    stored: checkpoint.Checkpoint | None = None

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.prepared.plan

    @property
    def facts(self) -> RunFacts:
        """What plugins are told of the run."""
        return RunFacts(id=self.run.id, folder=self.run.path, plan=self.plan, synthetic=self.prepared.made)

    def tell(self, event: str, **facts: Any) -> None:
        """Fire a hook of the run."""
        self.session.registry.tell(event, run=self.facts, **facts)


def _carry_out(work: Carrying) -> RunFolder:
    """Train, finish, and leave a record of whatever stops it."""
    run = work.run
    again = f"go on with 'derm train --resume {run.id}'"
    try:
        work.tell("derm_run_started")
        network = _train_stages(work)
        _finish(work, network)
    except KeyboardInterrupt:
        _note_failure(run, names.INTERRUPTED, "interrupted by the user")
        raise DermError(f"Run '{run.id}' was interrupted: {again}.") from None
    except OSError as error:
        _note_failure(run, names.FAILED, str(error))
        what = "No space is left on the disk" if error.errno == errno.ENOSPC else f"The system refused ({error})"
        raise DermError(f"{what} while run '{run.id}' was written in '{run.path}': mend that, then {again}.") from error
    except BaseException as error:
        _note_failure(run, names.FAILED, str(error))
        raise
    return run


def _note_failure(run: RunFolder, status: str, reason: str) -> None:
    try:
        run.update(status=status, reason=reason, ended=names.now())
    except (OSError, DermError):
        # A full disk: the record still says running, and a process that is gone reads as interrupted.
        return


def _train_stages(work: Carrying) -> Network:
    from derm_cli.engine.network import add_head
    from derm_cli.engine.trainer import Lesson, StageTrainer

    plan, stored = work.plan, work.stored
    position = stored.position if stored else checkpoint.Position(0, 0, 0)
    history = _history(work.run, position) if stored else []
    network: Network | None = None
    for index, (stage, part) in enumerate(zip(plan.stages, work.lessons.stages, strict=True)):
        if index < position.stage:
            continue
        seed = _stage_seed(plan.seed, index)
        backend.start(seed)
        carried = network if stage.head == "carried" else None
        network = add_head(work.backbone, work.prepared.backbone, len(stage.classes), carried)
        trainer = StageTrainer(
            network,
            stage,
            Lesson(part.photographs, part.labels, plan.per_class, plan.augmentation, seed, plan.norm_momentum),
        )
        done = (0, 0)
        if stored and index == position.stage:
            trainer.begin(stage.phases[position.phase])
            stored.restore(trainer.variables())
            done = (position.phase, position.epoch)
        work.tell("derm_stage_started", stage=_stage_facts(index, plan, part))
        trainer.train(done, _recorder(work, index, trainer.variables, history))
    assert network is not None
    return network


def _stage_seed(seed: int, index: int) -> int:
    return int(np.random.SeedSequence((seed, index)).generate_state(1)[0])


def _stage_facts(index: int, plan: Plan, part: Part) -> StageFacts:
    from derm_cli.engine.batches import steps_per_epoch

    stage = plan.stages[index]
    counts = np.bincount(part.labels, minlength=len(stage.classes))
    return StageFacts(
        index=index,
        stage=stage,
        photographs={each.name: int(count) for each, count in zip(stage.classes, counts, strict=True)},
        steps=steps_per_epoch(len(part.labels), len(stage.classes), plan.per_class),
    )


def _recorder(
    work: Carrying, index: int, variables: Callable[[], list[Any]], history: list[dict[str, Any]]
) -> Callable[[Epoch], None]:
    """Return what writes an epoch down: its line of history, its checkpoint, then the hook."""
    stage = work.plan.stages[index]

    def record(epoch: Epoch) -> None:
        phase = stage.phases[epoch.phase]
        report = EpochReport(
            stage=index,
            stage_name=stage.name,
            phase=epoch.phase,
            phase_name=phase.name,
            epoch=epoch.epoch,
            epochs=phase.epochs,
            loss=epoch.loss,
            accuracy=epoch.accuracy,
            images=epoch.images,
            seconds=epoch.seconds,
            head_rate=phase.head_rate,
            block_rate=phase.block_rate,
            first=epoch.epoch == 0,
        )
        history.append({**vars(report), "seconds": round(report.seconds, 3)})
        with whole(work.run / names.HISTORY) as temporary:
            pd.DataFrame(history).to_csv(temporary, index=False)
        position = checkpoint.Position(index, epoch.phase, epoch.epoch + 1)
        checkpoint.save(work.run / names.CHECKPOINT, position, variables())
        work.tell("derm_epoch_ended", epoch=report)

    return record


def _history(run: RunFolder, position: checkpoint.Position) -> list[dict[str, Any]]:
    """Return the history up to the checkpoint: an epoch that was written down but not checkpointed is trained again."""
    frame = pd.read_csv(run / names.HISTORY)
    place = list(zip(frame["stage"], frame["phase"], frame["epoch"] + 1, strict=True))
    last = (position.stage, position.phase, position.epoch)
    rows: list[dict[str, Any]] = frame[[each <= last for each in place]].to_dict("records")  # type: ignore[assignment]
    return rows


def _finish(work: Carrying, network: Network) -> None:
    """Write the model, its predictions on the test part of the target, and their evaluation; seal them all."""
    run, plan, test = work.run, work.plan, work.lessons.test
    exporter = work.session.registry.exporter(KERAS_EXPORTER)
    facts = ArtefactFacts(
        run=run.id,
        classes=plan.classes,
        preprocessing=plan.preprocessing,
        backbone=plan.backbone,
        target=plan.target,
        made=work.prepared.made,
        derm=__version__,
    )
    exporter.export(network.model, facts, run / names.MODEL)
    predictor = exporter.load(run / names.MODEL)
    found = probabilities(predictor, test.photographs, f"Predicting {plan.target}")
    evaluation = judge(run, plan.classes, test, found, work.prepared.made)
    work.tell("derm_run_finished", evaluation=evaluation)
    seconds = float(pd.read_csv(run / names.HISTORY)["seconds"].sum())
    # In one write, and after all that can fail: until then the checkpoint is there to go on from.  What plugins left in
    # the folder is sealed too, the log among it.
    run.seal_others(status=names.FINISHED, ended=names.now(), seconds_training=round(seconds, 1))
    (run / names.CHECKPOINT).unlink(missing_ok=True)
