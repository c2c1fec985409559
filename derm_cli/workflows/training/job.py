"""Carrying out a plan, stage after stage, with everything written down on the way."""

from __future__ import annotations

import errno
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derm_cli import __version__
from derm_cli.data.run_data import RunData
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoint, Checkpoints, Position
from derm_cli.engine.clock import EVALUATING, KEEPING, Clock
from derm_cli.errors import DermError, Interrupted
from derm_cli.files import whole
from derm_cli.plan import Plan
from derm_cli.plugin import ArtefactFacts, EpochReport, ExporterSpec, RunFacts, StageFacts
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder, now
from derm_cli.runs.record import FAILED, FINISHED, INTERRUPTED, STORE, TRAINED, PrecisionCheck, StageOrigin
from derm_cli.runs.stage_store import StageStore, StoredStage
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_samples, record_evaluation
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER, probabilities
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.calibrating import calibrate
from derm_cli.workflows.training.planning import Prepared
from derm_cli.workflows.training.stage_keys import stage_keys

if TYPE_CHECKING:
    from derm_cli.engine.network import Network
    from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
    from derm_cli.engine.trainer import EpochResult, Place, StageTrainer
    from derm_cli.evaluation.predictions import Predictions
    from derm_cli.plugin import Predictor


@dataclass
class TrainingJob:
    """A plan that is being carried out.

    ``stored`` is the checkpoint to go on from, ``build`` is what built the backbone.  Stages may be taken from the
    stage store with ``use_store``, and are put there with ``keep_stages``.  ``history`` has a row for each epoch,
    ``stages`` what came of each stage and from where.
    """

    session: Session
    prepared: Prepared
    run: RunFolder
    lessons: RunData
    settled: backend.Settled
    backbone: Any
    build: Callable[[Session, Prepared], Any]
    stored: Checkpoint | None = None
    use_store: bool = True
    keep_stages: bool = True
    history: list[dict[str, Any]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.prepared.plan

    def rebuild(self) -> Any:
        """Build the backbone once more, with the weights that the plan begins with."""
        return self.build(self.session, self.prepared)

    @property
    def facts(self) -> RunFacts:
        """What plugins are told of the run."""
        return RunFacts(id=self.run.id, folder=self.run.path, plan=self.plan, synthetic=self.prepared.made)

    def tell(self, event: str, **facts: Any) -> None:
        """Fire a hook of the run."""
        self.session.registry.tell(event, run=self.facts, **facts)


def carry_out(work: TrainingJob) -> RunFolder:
    """Train, finish, and leave a record of whatever stops it."""
    run = work.run
    again = f"go on with 'derm train --resume {run.id}'"
    try:
        work.tell("derm_run_started")
        network = _train_stages(work)
        _finish(work, network)
    except KeyboardInterrupt:
        _note_failure(run, INTERRUPTED, "interrupted by the user")
        raise Interrupted(f"Run '{run.id}' was interrupted: {again}.") from None
    except (OSError, DermError) as error:
        _note_failure(run, FAILED, str(error))
        refusal = error.__cause__ if isinstance(error, DermError) else error
        if not isinstance(refusal, OSError):
            raise
        what = "No space is left on the disk" if refusal.errno == errno.ENOSPC else f"The system refused ({refusal})"
        raise DermError(f"{what} while run '{run.id}' was written in '{run.path}': mend that, then {again}.") from error
    except BaseException as error:
        _note_failure(run, FAILED, str(error))
        raise
    return run


def _note_failure(run: RunFolder, status: str, reason: str) -> None:
    try:
        run.write(replace(run.record, status=status, reason=reason, ended=now()))
    except (OSError, DermError):
        # A full disk: the record still says running, and a process that is gone reads as interrupted.
        return


def _train_stages(work: TrainingJob) -> Network:
    """Train every stage that neither the checkpoint nor the stage store has, and return the last one's network."""
    from derm_cli.engine.compile_ahead import compiled_beside

    plan, checkpoints = work.plan, Checkpoints(work.run.path)
    store = StageStore(work.session.settings.cache_folder, work.session.settings.cache_limit_bytes)
    keys = stage_keys(plan, work.lessons, work.run.record.environment, work.backbone)
    network, first = _begun(work, store, keys)
    for index in range(first, len(plan.stages)):
        stage, part = plan.stages[index], work.lessons.training[index]
        with compiled_beside(_next_trainer(work, index + 1)):
            trainer = _trainer(work, index, network if stage.head == "carried" else None)
            recorder = Recorder(work, index, trainer, checkpoints)
            start = recorder.go_on(work.stored) if work.stored and work.stored.position.stage == index else None
            work.tell("derm_stage_started", stage=_stage_facts(index, plan, part))
            trainer.train(recorder, start)
        network = trainer.network
        _keep(work, index, network, store, keys[index])
        recorder.finished()
    assert network is not None
    return network


def _begun(work: TrainingJob, store: StageStore, keys: list[str]) -> tuple[Network | None, int]:
    """Return the network of the last stage that need not be trained, if any, and the place of the first that must."""
    stored = work.stored
    if stored is not None:
        work.history, work.stages = stored.notes["history"], stored.notes["stages"]
        work.clock = Clock(stored.notes["seconds"])
        done = stored.position.stage
        finished = done > 0 and stored.position == Position(done, 0, 0)
        return (_network(work, done - 1, stored.restore) if finished else None), done
    if work.use_store:
        for index in reversed(range(len(work.plan.stages))):
            found = store.find(keys[index])
            if found is not None:
                return _network(work, index, _taken(work, found)), index + 1
    return None, 0


def _taken(work: TrainingJob, found: StoredStage) -> Callable[[list[Any]], None]:
    """Take over what the store says of a stage and those before it, and return what fills the network's variables."""
    work.history = list(found.facts["history"])
    for place, stage in enumerate(found.facts["stages"]):
        work.stages.append(stage | {"source": STORE})
        facts = _stage_facts(place, work.plan, work.lessons.training[place], stored_by=stage["run"])
        work.tell("derm_stage_started", stage=facts)
    _write_history(work)

    def fill(variables: list[Any]) -> None:
        for variable, value in zip(variables, found.arrays, strict=True):
            variable.assign(value)

    return fill


def _keep(work: TrainingJob, index: int, network: Network, store: StageStore, key: str) -> None:
    from derm_cli.engine.network import own_variables, value_of

    stage = work.plan.stages[index]
    work.stages.append({"name": stage.name, "source": TRAINED, "run": work.run.id})
    facts = {
        "backbone": work.plan.backbone,
        "chain": [work.plan.weights or "random weights", *(each.name for each in work.plan.stages[: index + 1])],
        "classes": len(stage.classes),
        "run": work.run.id,
        "history": work.history,
        "stages": work.stages,
    }
    if work.keep_stages:
        store.keep(key, [value_of(each) for each in own_variables(network)], facts)


def _network(work: TrainingJob, index: int, fill: Callable[[list[Any]], None]) -> Network:
    """Build the network of a stage that is done, and fill it."""
    from derm_cli.engine.network import add_head, own_variables

    network = add_head(work.backbone, work.prepared.backbone, len(work.plan.stages[index].classes))
    fill(own_variables(network))
    return network


def _trainer(work: TrainingJob, index: int, carried: Network | None) -> StageTrainer:
    from derm_cli.engine.network import add_head
    from derm_cli.engine.trainer import StageTrainer

    plan, stage = work.plan, work.plan.stages[index]
    backend.start(_stage_seed(plan.seed, index), plan.execution.deterministic)
    network = add_head(work.backbone, work.prepared.backbone, len(stage.classes), carried)
    return StageTrainer(network, stage, _lesson(work, index), _means(work), work.clock)


def _next_trainer(work: TrainingJob, index: int) -> StageTrainer | None:
    """Return a trainer of the next stage to compile ahead, or None where that is not worth its while.

    Only XLA's programs are found again in a cache, and only an accelerator leaves the cores to the compiler.  Without
    augmentation a program is built on features that are not there yet.
    """
    from derm_cli.engine.compile_ahead import blank
    from derm_cli.engine.network import add_head
    from derm_cli.engine.trainer import StageTrainer

    plan = work.plan
    if index == len(plan.stages) or not backend.compiles_ahead() or plan.augmentation is None:
        return None
    stage = plan.stages[index]
    network = add_head(work.rebuild(), work.prepared.backbone, len(stage.classes))
    return StageTrainer(network, stage, blank(_lesson(work, index)), _means(work))


def _lesson(work: TrainingJob, index: int) -> StageInputs:
    from derm_cli.engine.stage_inputs import StageInputs
    from derm_cli.engine.validating import Validation

    plan, part, seen = work.plan, work.lessons.training[index], work.lessons.stage_validation[index]
    return StageInputs(
        part.photographs,
        part.labels,
        plan.per_class,
        plan.augmentation,
        _stage_seed(plan.seed, index),
        plan.norm_momentum,
        Validation(seen.photographs, seen.labels) if seen is not None else None,
    )


def _means(work: TrainingJob) -> ComputeOptions:
    from derm_cli.engine.stage_inputs import ComputeOptions

    settled, execution = work.settled, work.plan.execution
    return ComputeOptions(
        by_stage=settled.programs == "stage",
        half=settled.precision == "float16",
        compiled=backend.compiles(),
        frozen_check=execution.frozen_check,
        resident_bytes=backend.resident_bytes(execution.resident_share),
    )


def _stage_seed(seed: int, index: int) -> int:
    return int(np.random.SeedSequence((seed, index)).generate_state(1)[0])


def _stage_facts(index: int, plan: Plan, part: Samples, stored_by: str | None = None) -> StageFacts:
    from derm_cli.engine.batches import steps_per_epoch

    stage = plan.stages[index]
    counts = np.bincount(part.labels, minlength=len(stage.classes))
    return StageFacts(
        index=index,
        stage=stage,
        photographs={each.name: int(count) for each, count in zip(stage.classes, counts, strict=True)},
        steps=steps_per_epoch(len(part.labels), len(stage.classes), plan.per_class),
        stored_by=stored_by,
    )


class Recorder:
    """Writes a stage's training down: history, checkpoints, and what the hooks are told."""

    def __init__(self, work: TrainingJob, index: int, trainer: StageTrainer, checkpoints: Checkpoints) -> None:
        self.work, self.index, self.trainer, self.checkpoints = work, index, trainer, checkpoints

    def go_on(self, stored: Checkpoint) -> Place:
        """Take the stage up where a checkpoint left it, and return where that is."""
        from derm_cli.engine.trainer import Place

        position = stored.position
        place = Place(position.phase, position.epoch, position.step)
        self.trainer.go_on(place, stored.notes["trainer"], stored.restore)
        return place

    def epoch_ended(self, epoch: EpochResult, place: Place) -> None:
        """Write an epoch's line of history, a checkpoint where one is due, then tell the hook."""
        report = self._report(epoch)
        self.work.history.append(vars(report))
        _write_history(self.work)
        self.passed(place)
        self.work.tell("derm_epoch_ended", epoch=report)

    def passed(self, place: Place) -> None:
        """Write a checkpoint where one is due."""
        if self.checkpoints.due:
            self._save(Position(self.index, place.phase, place.epoch, place.step), self.trainer.variables())

    def finished(self) -> None:
        """Write a checkpoint of the finished stage."""
        from derm_cli.engine.network import own_variables

        self._save(Position(self.index + 1, 0, 0), own_variables(self.trainer.network))

    def _save(self, position: Position, variables: list[Any]) -> None:
        work = self.work
        with work.clock(KEEPING):
            notes = {"history": work.history, "stages": work.stages, "seconds": work.clock.seconds}
            self.checkpoints.save(position, variables, notes | {"trainer": self.trainer.notes()})

    def _report(self, epoch: EpochResult) -> EpochReport:
        from derm_cli.engine import stepping

        stage = self.work.plan.stages[self.index]
        phase = stage.phases[epoch.phase]
        figures = {name: value for name, value in asdict(epoch).items() if name != "seen"}
        return EpochReport(
            **figures | {"seconds": round(epoch.seconds, 3), "images_per_second": round(epoch.images_per_second, 1)},
            stage=self.index,
            stage_name=stage.name,
            phase_name=phase.name,
            epochs=phase.epochs,
            first=epoch.epoch == 0,
            validation_loss=epoch.seen.loss if epoch.seen else None,
            validation_balanced_accuracy=epoch.seen.balanced_accuracy if epoch.seen else None,
            memory_bytes=memory_peak(),
            device_memory_bytes=stepping.memory_peak(),
        )


def memory_peak() -> int:
    """Return the most memory that this process has taken so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _write_history(work: TrainingJob) -> None:
    import pandas as pd

    with whole(work.run / layout.HISTORY) as temporary:
        pd.DataFrame(work.history).to_csv(temporary, index=False)


def _finish(work: TrainingJob, network: Network) -> None:
    """Write the model, its predictions on the test part of the target, and their evaluation; seal them all."""
    run, plan, test = work.run, work.plan, work.lessons.test
    exporter = work.session.registry.get(ExporterSpec, KERAS_EXPORTER)
    facts = ArtefactFacts(
        run=run.id,
        classes=plan.classes,
        preprocessing=plan.preprocessing,
        backbone=plan.backbone,
        target=plan.target,
        made=work.prepared.made,
        derm=__version__,
    )
    with work.clock(EVALUATING):
        exact = _in_float32(work, network)
        temperature = calibrate(exact, work.lessons.target_validation)
        if exact is not network:
            network.divide_logits(temperature.value)
        exporter.export(exact.model, facts, run / layout.MODEL)
        predictor = exporter.load(run / layout.MODEL)
        found = probabilities(predictor, test.photographs, f"Predicting {plan.target}")
        evaluation = record_evaluation(
            run,
            predictions_of_samples(plan.classes, test, found),
            _validated(work, predictor),
            work.prepared.made,
            temperature=temperature.to_json(),
        )
        precision = _precision(work, network, found)
    work.tell("derm_run_finished", evaluation=evaluation)
    trained = {place for place, stage in enumerate(work.stages) if stage["source"] == TRAINED}
    # In one write, and after all that can fail: until then the checkpoint is there to go on from.  What plugins left in
    # the folder is sealed too, the log among it.
    run.seal_others(
        replace(
            run.record,
            status=FINISHED,
            ended=now(),
            seconds_training=round(sum(row["seconds"] for row in work.history if row["stage"] in trained), 1),
            seconds={name: round(seconds, 1) for name, seconds in work.clock.seconds.items()},
            stages=tuple(StageOrigin(**stage) for stage in work.stages),
            precision=precision,
        )
    )
    Checkpoints(run.path).clear()


def _validated(work: TrainingJob, predictor: Predictor) -> Predictions | None:
    """Return what the finished model says of the target's validation part, by which thresholds are chosen."""
    part = work.lessons.target_validation
    if part is None:
        return None
    found = probabilities(predictor, part.photographs, f"Predicting {work.plan.target}'s validation part")
    return predictions_of_samples(work.plan.classes, part, found)


def _in_float32(work: TrainingJob, network: Network) -> Network:
    """Return the network as it is stored and evaluated: in float32, whatever it was trained in."""
    from derm_cli.engine.network import add_head, carry_weights

    if work.settled.precision == "float32":
        return network
    with backend.in_float32():
        exact = add_head(work.rebuild(), work.prepared.backbone, len(work.plan.classes))
    carry_weights(network, exact)
    return exact


def _precision(work: TrainingJob, network: Network, found: Any) -> PrecisionCheck:
    """Tell how far the network's answers in the precision of its training are from those in float32."""
    from derm_cli.engine.features import probabilities_of

    trained = work.settled.precision
    if trained == "float32":
        return PrecisionCheck(trained, max_difference=0.0, agreement=1.0)
    rough = probabilities_of(network, work.lessons.test.photographs, backend.compiles())
    return PrecisionCheck(
        trained,
        max_difference=float(np.abs(rough - found).max()),
        agreement=float((rough.argmax(axis=1) == found.argmax(axis=1)).mean()),
    )
