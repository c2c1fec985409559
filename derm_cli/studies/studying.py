"""What the commands of ``derm study`` do, as functions: plan, begin, go on, list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derm_cli.console import warn
from derm_cli.errors import DermError, RequestError
from derm_cli.nouns import counted
from derm_cli.plugin import Capacity, ExecutorSpec
from derm_cli.studies.asking.spec import StudyRun, StudySpec, TrainOptions, study_runs
from derm_cli.studies.executing.driving import PATIENCE, carry_out
from derm_cli.studies.executing.finished_runs import FinishedRuns
from derm_cli.studies.executing.watching import view_study
from derm_cli.studies.planning.interruption import before_training
from derm_cli.studies.planning.study_plan import StudyPlan, plan_study
from derm_cli.studies.storage.folder import Studies, StudyFolder
from derm_cli.studies.storage.record import FINISHED, RUNNING, SPLITS_OF_SEEDS, RunState, StudyRecord
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.weight_source import with_full_reference

LOCAL = "local"
"""The executor that is taken where none is named."""
AGAIN = "give the command again"
"""What to do where a study was stopped that was only planned."""


@dataclass(frozen=True)
class StudyEnd:
    """A study whose trainings have all ended: its folder, and the state of each training by its key."""

    folder: StudyFolder
    states: dict[str, RunState]

    @property
    def finished(self) -> int:
        """How many trainings finished."""
        return sum(each.status == FINISHED for each in self.states.values())

    @property
    def failure(self) -> str:
        """What kept trainings from finishing, by their keys, or empty."""
        failed = [f"{key}: {each.reason.rstrip('.')}" for key, each in self.states.items() if not each.is_done]
        more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
        return "; ".join(failed[:3]) + more


def plan(
    session: Session,
    spec: StudySpec,
    options: TrainOptions,
    executor: str | None = None,
    asked: Capacity | None = None,
) -> StudyPlan:
    """Plan a study as it would be run; nothing is written or decoded.

    What was trained for it before, or for another study or command, and has its run still, is no work any more.
    Photographs are not looked at: the plan's ``uncompared`` counts the trainings for which that was not found out.
    """
    with before_training(spec.name, AGAIN):
        return _planned(session, _record(session, spec, options, executor, asked))


def _planned(session: Session, record: StudyRecord) -> StudyPlan:
    before = Studies(session.runs.root).begun(record)
    runs = before.record.runs if before else record.runs
    states, finished = before.states if before else {}, FinishedRuns(session)
    finished.look_at(runs, states)
    done = finished.presumed(runs, states)
    finished.warn_of_them()
    # A study keeps the cores that it began with, and its stages' outlines hang on them.
    carried_by = before.record if before else record
    at_once = {"cores": carried_by.cores, "workers": carried_by.workers}
    planned = plan_study(session, record.spec, runs, **at_once, is_done=lambda run, _: run.key in done)
    return replace(planned, uncompared=len(done))


def begin(
    session: Session,
    spec: StudySpec,
    options: TrainOptions,
    executor: str | None = None,
    asked: Capacity | None = None,
) -> StudyFolder:
    """Return the folder of a study, made now or begun before; nothing is trained.

    Of one that was begun before, the title and what was published are those that are given now.  It keeps its executor,
    workers and cores, and a warning says so where others are asked for.  Raises RequestError where a study of its name
    asks for something else, where a row cannot be meant, and where the executor has not what is asked.
    """
    with before_training(spec.name, AGAIN):
        asked_for = _record(session, spec, options, executor, asked)
    folder = Studies(session.runs.root).begin(asked_for)
    record = folder.record
    if record.spec != asked_for.spec:
        folder.write_record(replace(record, spec=asked_for.spec))
    others = _others_asked_for(record, executor, asked or Capacity())
    if others:
        warn(
            f"study '{folder.name}' keeps what it began with, since bits may differ by it: {', '.join(others)}. 'derm "
            f"study resume {folder.name}' takes other --workers and --cores; for another executor give another --name."
        )
    return folder


def change_capacity(
    session: Session, folder: StudyFolder, workers: int | None, cores: int | None, options: Mapping[str, Any]
) -> None:
    """Have a study go on with other workers or cores of each than it began with, and with its executor's ``options``.

    That bits may differ by the cores is warned of.  Raises RequestError where its executor has not what is asked, and
    DermError where another process carries it out.
    """
    if workers is None and cores is None:
        return
    record = folder.record
    spec, of_both = session.registry.get(ExecutorSpec, record.executor), {**record.options, **options}
    capacity = spec.capacity(spec.asked(workers or record.workers, cores or record.cores, of_both))
    with folder.held(PATIENCE):
        folder.write_record(replace(record, workers=capacity.workers, cores=capacity.cores, options=of_both))
    if capacity.cores != record.cores:
        warn(
            f"study '{folder.name}' goes on with {counted(capacity.cores, 'core')} for each training in place of "
            f"{record.cores}: what is not finished may not end with the bits that it would have had."
        )


def go_on(
    session: Session,
    folder: StudyFolder,
    tell: Callable[[StudyFolder], None] = lambda _: None,
    options: Mapping[str, Any] | None = None,
) -> StudyEnd:
    """Train what of a study is not finished.  ``options`` of its executor stand above those that it began with.

    Raises as :func:`derm_cli.studies.executing.driving.carry_out` does.
    """
    if folder.record.has_splits_of_seeds:
        warn(
            f"in study '{folder.name}' {SPLITS_OF_SEEDS}: it goes on so, and its figures mix the split with chance in "
            "training. Under another name, by --name, its seeds have one."
        )
    return StudyEnd(folder, carry_out(session, folder, tell, options))


def list_studies(session: Session) -> list[dict[str, Any]]:
    """Return a line a study as JSON values; one that cannot be read has its ``fault``.

    ``running`` is whether a process carries the study out, ``running_trainings`` how many of its trainings run.
    """
    lines: list[dict[str, Any]] = []
    studies = Studies(session.runs.root)
    studies.sweep()
    for folder in studies.all():
        try:
            view = view_study(folder)
        except DermError as error:
            lines.append({"study": folder.name, "fault": str(error)})
            continue
        counts = {f"{status}_trainings" if status == RUNNING else status: n for status, n in view.counts.items()}
        shown = {"rows": len({each.row for each in view.trainings}), "runs": len(view.trainings), **counts}
        lines.append({"study": view.name, "title": view.title, "running": view.is_carried_out, **shown})
    return lines


def _others_asked_for(record: StudyRecord, executor: str | None, asked: Capacity) -> list[str]:
    """Return in words what of who carries a study out, and with how much, is asked for otherwise than it began."""
    given = {"executor": executor, "workers": asked.workers, "cores": asked.cores}
    return [
        f"{name} '{getattr(record, name)}', not '{value}'"
        for name, value in given.items()
        if value and value != getattr(record, name)
    ]


def _record(
    session: Session, spec: StudySpec, options: TrainOptions, executor: str | None, asked: Capacity | None
) -> StudyRecord:
    executor = executor or LOCAL
    spec_of_executor = session.registry.get(ExecutorSpec, executor)
    asked = asked or Capacity()
    capacity = spec_of_executor.capacity(spec_of_executor.asked(asked.workers, asked.cores, asked.options))
    # A run that a chain begins with is found again whatever other runs there will be.
    made = study_runs(spec, options)
    runs = tuple(replace(run, request=with_full_reference(session, run.request)) for run in made)
    _refuse_equal_rows(spec, runs)
    return StudyRecord(spec, runs, executor, capacity.workers, capacity.cores, asked.options)


def _refuse_equal_rows(spec: StudySpec, runs: Sequence[StudyRun]) -> None:
    """Raise RequestError where two rows come to the same trainings: their comparison would be one of equals."""
    row_of_request: dict[str, str] = {}
    for row, request in {run.row: run.request for run in runs}.items():
        same = row_of_request.setdefault(request.text, row)
        if same != row:
            raise RequestError(
                f"Rows '{same}' and '{row}' of study '{spec.name}' are the same training: leave one of them out, or "
                "give them what differs, which a --set for all rows, or derm.toml, may have taken away."
            )
