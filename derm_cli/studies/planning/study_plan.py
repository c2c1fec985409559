"""The plan of a study: its trainings as a graph of work, and what that takes; nothing is decoded or trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from derm_cli.console import warnings_once
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.errors import DermError
from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.asking.spec import StudyRun, StudySpec
from derm_cli.studies.planning.estimating import MeasuredRun, Measurements
from derm_cli.studies.planning.graph import WorkUnit, trained_without_sharing, work_units
from derm_cli.studies.planning.store_room import bytes_kept_at_once, warn_of_small_store
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.chain_records import ChainRecordsOnce
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.stage_outlines import StageOutlines
from derm_cli.workflows.training.weight_source import with_full_reference


@dataclass(frozen=True)
class PlannedRow:
    """A row as it will be trained: names of its stages, photographs shown by each, parameters; or why it cannot be."""

    name: str
    stages: tuple[str, ...] = ()
    images: tuple[int, ...] = ()
    parameters: int = 0
    fault: str = ""


@dataclass(frozen=True)
class StudyPlan:
    """The trainings of a study, in the order in which they are begun, and the units of work that they come to.

    ``outlines`` has those of the stages of each training, by its key; ``stored`` are the bytes of stages that the
    store has, by outline.  Of each unit ``seconds`` tells how long it is expected to take, None where no run tells;
    ``bytes`` is what runs and stages will take, ``measured`` how many runs that was learnt from.  ``datasets`` are
    those that the units read.  ``uncompared`` counts the trainings that are taken for done though nobody looked whether
    their photographs changed.  ``workers`` are the processes that will carry it out at once.
    """

    spec: StudySpec
    runs: tuple[StudyRun, ...]
    rows: tuple[PlannedRow, ...]
    outlines: dict[str, list[str]]
    units: tuple[WorkUnit, ...]
    stored: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float | None] = field(default_factory=dict)
    bytes: int | None = None
    measured: int = 0
    is_synthetic: bool = False
    datasets: tuple[str, ...] = ()
    uncompared: int = 0
    workers: int = 1

    @property
    def faulty(self) -> tuple[PlannedRow, ...]:
        """The rows that cannot be trained."""
        return tuple(row for row in self.rows if row.fault)

    @property
    def stages_in_all(self) -> int:
        """How many stages would be trained if each training did all of its work."""
        return trained_without_sharing(self.outlines)

    @property
    def stages_to_train(self) -> int:
        """How many stages are trained, each once."""
        return len({outline for unit in self.units for outline in unit.outlines})

    @property
    def stages_stored(self) -> int:
        """How many stages, as the trainings have them, need no work since the store has them."""
        return sum(outline in self.stored for outlines in self.outlines.values() for outline in outlines)

    @property
    def stages_shared(self) -> int:
        """How many of the stages that are trained belong to several trainings."""
        users = Counter(outline for outlines in self.outlines.values() for outline in set(outlines))
        return sum(users[outline] > 1 for unit in self.units for outline in unit.outlines)

    @property
    def seconds_in_all(self) -> float | None:
        """The seconds of all work, one unit after another; None where some of it was never measured."""
        known = [each for each in self.seconds.values() if each is not None]
        return sum(known) if self.seconds and len(known) == len(self.seconds) else None

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {
            "study": self.spec.name,
            "title": self.spec.title,
            "reference": self.spec.reference,
            "seeds": list(self.spec.seeds),
            "folds": self.spec.folds,
            "rows": [
                {
                    "name": each.name,
                    "stages": list(each.stages),
                    "images": list(each.images),
                    "fault": each.fault or None,
                }
                for each in self.rows
            ],
            "runs": [
                {"run": each.key, "row": each.row, "seed": each.seed, "fold": each.fold or None} for each in self.runs
            ],
            "work": [
                {
                    "unit": unit.key,
                    "run": unit.run,
                    "shared": unit.is_beginning,
                    "after": list(unit.after),
                    "stages": len(unit.outlines),
                    "seconds": self.seconds.get(unit.key),
                }
                for unit in self.units
            ],
            "stages": {
                "in_all": self.stages_in_all,
                "to_train": self.stages_to_train,
                "stored": self.stages_stored,
                "shared": self.stages_shared,
            },
            "seconds": self.seconds_in_all,
            "bytes": self.bytes,
            "measured_runs": self.measured,
            "workers": self.workers,
            "uncompared": self.uncompared,
            "synthetic": self.is_synthetic,
        }


def plan_study(
    session: Session,
    spec: StudySpec,
    runs: Sequence[StudyRun],
    *,
    cores: int | None = None,
    workers: int = 1,
    is_done: Callable[[StudyRun, Prepared], bool] = lambda *_: False,
) -> StudyPlan:
    """Plan the trainings of a study.  Tables of datasets are read, each once; no framework is imported.

    A row that cannot be trained is one with a fault; the others are planned.  ``cores`` are those that a training will
    have, by default those of this process.  What ``is_done`` is no work any more; of each training that can be planned
    that is asked once, with what its row was prepared as.  Warnings are told once.
    """
    stored = StageStore(session.settings.cache_folder, session.settings.cache_limit_bytes).outlines()
    with warnings_once():
        planner = _Planner(session, spec, cores)
        for row in spec.in_order():
            planner.add(row.name, [each for each in runs if each.row == row.name])
        waiting = {
            run.key: planner.outlines[run.key]
            for run in runs
            if run.key in planner.outlines and not is_done(run, planner.prepared[run.row])
        }
    shares = session.settings.cache_limit_bytes > 0
    units = work_units(waiting, stored, shares=shares)
    warn_of_small_store(
        bytes_kept_at_once(units, planner.stage_bytes | stored, workers), session.settings.cache_limit_bytes
    )
    measurements = Measurements.of(session.runs.all(), cores)
    seconds = {unit.key: planner.seconds(unit, measurements) for unit in units}
    return StudyPlan(
        spec,
        tuple(runs),
        tuple(planner.rows),
        planner.outlines,
        tuple(units),
        stored,
        seconds,
        planner.bytes(units, measurements),
        len(planner.measured),
        planner.is_synthetic,
        planner.datasets(units),
        workers=workers,
    )


class _Planner:
    """Prepares a study's rows, one after another, and knows what they have in common."""

    def __init__(self, session: Session, spec: StudySpec, cores: int | None) -> None:
        self._session, self._spec = session, spec
        self._read = ChainRecordsOnce()
        self._outlines = StageOutlines(SplitLedgers(session.runs.root), cores)
        self.prepared: dict[str, Prepared] = {}
        self._images: dict[str, int] = {}
        self._row_of_run: dict[str, str] = {}
        self.rows: list[PlannedRow] = []
        self.outlines: dict[str, list[str]] = {}
        self.stage_bytes: dict[str, int] = {}
        self.is_synthetic = False
        # By id: the runs that estimates were made from.
        self.measured: dict[int, MeasuredRun] = {}

    def add(self, row: str, runs: Sequence[StudyRun]) -> None:
        """Plan the trainings of a row."""
        try:
            prepared = prepare(self._session, with_full_reference(self._session, runs[0].request), read=self._read)
            cases = tuple((run.seed, run.fold, run.request.splitting.split_seed) for run in runs)
            outlines = self._outlines.of(prepared, cases)
            images = self._images_of(prepared)
        except DermError as error:
            self.rows.append(PlannedRow(row, fault=str(error)))
            return
        self.is_synthetic = self.is_synthetic or prepared.is_synthetic
        self.prepared[row] = prepared
        for run, of_run in zip(runs, outlines, strict=True):
            self.outlines[run.key] = of_run
            self._row_of_run[run.key] = row
            self._images |= dict(zip(of_run, images, strict=True))
            # A stage's network in the store: float32, with its optimizer left out.
            self.stage_bytes |= dict.fromkeys(of_run, 4 * prepared.backbone.parameters)
        names = tuple(stage.name for stage in prepared.plan.stages)
        self.rows.append(PlannedRow(row, names, images, prepared.backbone.parameters))

    def _images_of(self, prepared: Prepared) -> tuple[int, ...]:
        """Return how many photographs each stage shows, over all of its epochs."""
        images = []
        for stage in prepared.plan.stages:
            photographs = self._outlines.training_photographs(prepared, stage)
            steps = steps_per_epoch(photographs, len(stage.classes), prepared.plan.per_class)
            batch = len(stage.classes) * prepared.plan.per_class
            images.append(steps * batch * sum(phase.epochs for phase in stage.phases))
        return tuple(images)

    def datasets(self, units: Sequence[WorkUnit]) -> tuple[str, ...]:
        """Return the datasets that the units read, sorted."""
        rows = {self._row_of_run[unit.run] for unit in units}
        return tuple(sorted({name for row in rows for name in self.prepared[row].records}))

    def seconds(self, unit: WorkUnit, measurements: Measurements) -> float | None:
        """Return how long a unit is expected to take, None where no run tells."""
        prepared = self.prepared[self._row_of_run[unit.run]]
        images = sum(self._images[outline] for outline in unit.outlines)
        schedule = prepared.request.schedule
        self.measured |= {id(each): each for each in measurements.nearest(prepared.plan, schedule)}
        if unit.is_beginning:
            return measurements.stages(prepared.plan, schedule, images)
        return measurements.training(prepared.plan, schedule, images).seconds

    def bytes(self, units: Sequence[WorkUnit], measurements: Measurements) -> int | None:
        """Return the bytes that the units' runs and stages will take, None where no run tells of some."""
        total = 0
        for unit in units:
            prepared = self.prepared[self._row_of_run[unit.run]]
            total += sum(self.stage_bytes[outline] for outline in unit.outlines)
            if not unit.is_beginning:
                estimate = measurements.training(prepared.plan, prepared.request.schedule, 0)
                if estimate.bytes is None:
                    return None
                total += estimate.bytes
        return total
