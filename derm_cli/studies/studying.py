"""What the commands of ``derm study`` do, as functions: plan, begin, go on, list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from derm_cli.console import warn
from derm_cli.errors import DermError
from derm_cli.plugin import Capacity, ExecutorSpec
from derm_cli.studies.asking.spec import StudySpec, TrainOptions, study_runs
from derm_cli.studies.executing.driving import carry_out
from derm_cli.studies.executing.finished_runs import FinishedRuns
from derm_cli.studies.executing.watching import view_study
from derm_cli.studies.planning.study_plan import StudyPlan, plan_study
from derm_cli.studies.storage.folder import Studies, StudyFolder
from derm_cli.studies.storage.record import FINISHED, RUNNING, SPLITS_OF_SEEDS, RunState, StudyRecord
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.weight_source import with_full_reference

LOCAL = "local"
"""The executor that is taken where none is named."""


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
    session: Session, spec: StudySpec, options: TrainOptions, executor: str = LOCAL, asked: Capacity | None = None
) -> StudyPlan:
    """Plan a study as it would be run; nothing is written or decoded.

    What was trained of it before, and has its run still, is no work any more.  Photographs are not looked at: the
    plan's ``uncompared`` counts the trainings for which that was not found out.
    """
    record = _record(session, spec, options, executor, asked)
    before = Studies(session.runs.root).begun(record)
    runs = before.record.runs if before else record.runs
    states, finished = before.states if before else {}, FinishedRuns(session)
    finished.look_at(runs, states)
    finished.warn_of_them()
    done = {key for key, state in states.items() if state.is_done and key not in finished.again}
    at_once = {"cores": record.cores, "workers": record.workers}
    planned = plan_study(session, spec, runs, **at_once, is_done=lambda run, _: run.key in done)
    return replace(planned, uncompared=len(done))


def begin(
    session: Session, spec: StudySpec, options: TrainOptions, executor: str = LOCAL, asked: Capacity | None = None
) -> StudyFolder:
    """Return the folder of a study, made now or begun before; nothing is trained.

    Raises RequestError where a study of its name asks for something else, where a row cannot be meant, and where the
    executor has not what is asked.
    """
    return Studies(session.runs.root).begin(_record(session, spec, options, executor, asked))


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
        counted = {"rows": len({each.row for each in view.trainings}), "runs": len(view.trainings), **counts}
        lines.append({"study": view.name, "title": view.title, "running": view.is_carried_out, **counted})
    return lines


def _record(
    session: Session, spec: StudySpec, options: TrainOptions, executor: str, asked: Capacity | None
) -> StudyRecord:
    spec_of_executor = session.registry.get(ExecutorSpec, executor)
    asked = asked or Capacity()
    capacity = spec_of_executor.capacity(spec_of_executor.asked(asked.workers, asked.cores, asked.options))
    # A run that a chain begins with is found again whatever other runs there will be.
    runs = (replace(run, request=with_full_reference(session, run.request)) for run in study_runs(spec, options))
    return StudyRecord(spec, tuple(runs), executor, capacity.workers, capacity.cores, asked.options)
