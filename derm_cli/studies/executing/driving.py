"""Carrying out a study: its units of work are given to an executor as soon as what they wait for is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derm_cli.config import CACHE_LIMIT, DEFAULT_FOLDERS, PLUGIN_LISTS
from derm_cli.console import activity, warn
from derm_cli.data.locating import locate
from derm_cli.data.splitting.salt import salt, salt_file
from derm_cli.engine.framework_settings import carried_variables
from derm_cli.engine.stopping import StopSignals, reason_of
from derm_cli.errors import Interrupted, RequestError
from derm_cli.plugin import Executor, ExecutorSpec, ProcessEnd, StudyFacts, StudyProcess
from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.asking.spec import StudyRun
from derm_cli.studies.executing.assignment import Assignment, UnitOutcome
from derm_cli.studies.executing.finished_runs import FinishedRuns
from derm_cli.studies.executing.needed_stages import NeededStages
from derm_cli.studies.executing.worker import worker_command
from derm_cli.studies.planning.graph import WorkUnit, trainings_after
from derm_cli.studies.planning.interruption import before_training, exit_status, how_stopped
from derm_cli.studies.planning.study_plan import StudyPlan, plan_study
from derm_cli.studies.storage.folder import LOGS, STAGES, WORK, StudyFolder, as_left
from derm_cli.studies.storage.record import FAILED, FINISHED, INTERRUPTED, RUNNING, RunState, StudyRecord
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared

POLL = 1.0
"""Seconds after which the progress is told anew where nothing ends."""
PATIENCE = 5.0
"""Seconds that a study is waited for which another process looks at."""


def carry_out(
    session: Session,
    folder: StudyFolder,
    tell: Callable[[StudyFolder], None] = lambda _: None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, RunState]:
    """Train what of a study is not finished, and return the state of each training.

    One that fails is one with a reason; the others go on.  ``tell`` is called whenever something may have changed,
    until it fails; ``options`` of the executor stand above those that the study began with.
    Raises Interrupted where a signal ends it, after what runs has been stopped so that it can be gone on with, and
    DermError where another process carries the study out, or what carries it out cannot be had.
    """
    with folder.held(PATIENCE), StopSignals():
        return _Driver(session, folder, tell, options or {}).drive()


@dataclass
class _Driver:
    session: Session
    folder: StudyFolder
    tell: Callable[[StudyFolder], None]
    options: Mapping[str, Any]
    states: dict[str, RunState] = field(default_factory=dict)
    waiting: list[WorkUnit] = field(default_factory=list)
    running: dict[str, tuple[WorkUnit, float]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def drive(self) -> dict[str, RunState]:
        self._again = f"go on with 'derm study resume {self.folder.name}'"
        with before_training(self.folder.name, self._again):
            record = self.folder.record
            self.states = {run.key: RunState() for run in record.runs} | as_left(self.folder.states, False)
            plan = self._planned(record)
        self.waiting, self._requests = list(plan.units), {run.key: run.request for run in record.runs}
        settings = self.session.settings
        self._needed = NeededStages(StageStore(settings.cache_folder, settings.cache_limit_bytes))
        self._users, self._rows = trainings_after(plan.units), {run.key: run.row for run in record.runs}
        self._write()
        facts = StudyFacts(name=self.folder.name, folder=self.folder.path.absolute(), title=record.spec.title)
        self._told_of_study = {**vars(facts), "folder": str(facts.folder)}
        self.session.registry.tell("derm_study_started", study=facts)
        try:
            # To begin what nothing is asked of may take long.
            if plan.units:
                with before_training(self.folder.name, self._again):
                    executor = self._started(record, plan)
                self._carry_out(executor, record.workers)
        finally:
            finished = {key: state.run for key, state in self.states.items() if state.is_done}
            self.session.registry.tell(
                "derm_study_ended",
                study=facts,
                rows={finished[run.key]: run.row for run in record.runs if run.key in finished},
                failed=len(self.states) - len(finished),
            )
        return self.states

    def _carry_out(self, executor: Executor, workers: int) -> None:
        try:
            self._work(executor, workers)
            executor.stop()
        except KeyboardInterrupt as stopped:
            # Who asks twice does not wait: what runs was told, and stops by itself.
            with suppress(KeyboardInterrupt):
                self._stop(executor, reason_of(stopped))
            unfinished = sum(not state.is_done for state in self.states.values())
            raise Interrupted(
                f"Study '{self.folder.name}' was {how_stopped(stopped)} with {unfinished} of {len(self.states)} "
                f"trainings to go: {self._again}.",
                exit_status(stopped),
            ) from None
        except BaseException:
            self._stop(executor, "the study was ended by an error")
            raise

    def _started(self, record: StudyRecord, plan: StudyPlan) -> Executor:
        spec, settings = self.session.registry.get(ExecutorSpec, record.executor), self.session.settings
        try:
            capacity = spec.capacity(spec.asked(record.workers, record.cores, {**record.options, **self.options}))
        except RequestError as error:
            raise RequestError(
                f"{str(error).rstrip('.')}; 'derm study resume {self.folder.name}' takes such options for a study that "
                "was begun."
            ) from error
        store = {"runs": settings.runs.value, "cache": settings.cache_folder}
        data = {name: locate(name, settings, self.session.registry).root for name in plan.datasets}
        return spec.start(
            replace(
                capacity,
                store={name: path.absolute() for name, path in store.items()},
                # Synthetic photographs are drawn where they are missing.
                data={
                    name: path.absolute()
                    for name, path in data.items()
                    if not path.absolute().is_relative_to(store["cache"].absolute())
                },
                alike={"the salt of patients' hashes": self._salt()},
            )
        )

    @staticmethod
    def _salt() -> Path:
        # Drawn here where there is none: else each machine would draw its own.
        salt()
        return salt_file()

    def _planned(self, record: StudyRecord) -> StudyPlan:
        """Plan what is left to do: neither what has its run, nor what another study or command has a run of."""
        finished = FinishedRuns(self.session)
        finished.look_at(record.runs, self.states)

        def is_done(run: StudyRun, prepared: Prepared) -> bool:
            return finished.is_done(run, self.states[run.key], prepared)

        at_once = {"cores": record.cores, "workers": record.workers}
        plan = plan_study(self.session, record.spec, record.runs, **at_once, is_done=is_done)
        for key, why in finished.again.items():
            self.states[key] = RunState(reason=f"is trained again: {why}")
        for key, run in finished.taken.items():
            self.states[key] = RunState(FINISHED, run.id)
        finished.warn_of_them()
        self._note_faults(plan)
        return plan

    def _note_faults(self, plan: StudyPlan) -> None:
        faults = {row.name: row.fault for row in plan.rows if row.fault}
        for run in plan.runs:
            if run.row in faults and not self.states[run.key].is_done:
                self.states[run.key] = RunState(FAILED, reason=faults[run.row])

    def _work(self, executor: Executor, workers: int) -> None:
        while self.waiting or self.running:
            while len(self.running) < workers and (unit := self._next_unit()):
                self._needed.mark_used([*self._at_work(), unit, *self.waiting], at_once=True)
                self._begin(executor, unit)
            self._needed.mark_used([*self._at_work(), *self.waiting])
            self._tell()
            for end in executor.ended(POLL):
                self._take(end)
        self._tell()

    def _tell(self) -> None:
        """Tell how far the study is; what cannot be shown ends no training."""
        try:
            self.tell(self.folder)
        except Exception as error:
            self.tell = lambda _: None
            warn(
                f"how far the study is cannot be shown any more ({type(error).__name__}: {error}); it goes on, and "
                f"'derm study show {self.folder.name}' tells it."
            )

    def _at_work(self) -> list[WorkUnit]:
        return [unit for unit, _ in self.running.values()]

    def _next_unit(self) -> WorkUnit | None:
        """Take from those that wait the first that nothing keeps; their order is that in which they are planned."""
        unit = next((each for each in self.waiting if self.done.issuperset(each.after)), None)
        if unit:
            self.waiting.remove(unit)
        return unit

    def _begin(self, executor: Executor, unit: WorkUnit) -> None:
        settings = self.session.settings
        # A worker may stand elsewhere: folders are whole paths.
        folders = {name: getattr(settings, name).value for name in ("data", "runs")} | {"cache": settings.cache_folder}
        lists = {name: getattr(settings, name).value for name in PLUGIN_LISTS}
        task = Assignment(
            unit.key,
            self._requests[unit.run].to_json(),
            unit.until,
            str((self.folder.path / STAGES / unit.key).absolute()),
            {name: str(folders[name].absolute()) for name in DEFAULT_FOLDERS}
            | {CACHE_LIMIT: settings.cache_limit.value}
            | {name: ",".join(names) for name, names in lists.items() if names is not None},
            self._users.get(unit.key, ()),
            self._told_of_study,
            "" if unit.is_beginning else self._rows[unit.run],
            unit.outlines,
        )
        path = task.write((self.folder.path / WORK).absolute())
        log = self.folder.path / LOGS / f"{unit.key}.log"
        executor.begin(
            StudyProcess(key=unit.key, command=worker_command(path), environment=carried_variables(), log=log)
        )
        self.running[unit.key] = (unit, time.monotonic())
        if not unit.is_beginning:
            self.states[unit.key] = RunState(RUNNING, self.states[unit.key].run)
            self._write()

    def _take(self, end: ProcessEnd, stopped: str = "") -> None:
        """Note what came of a process that has ended; ``stopped`` is why where it was asked to, and may say nothing."""
        unit, begun = self.running.pop(end.key)
        seconds = round(time.monotonic() - begun, 1)
        outcome = UnitOutcome.read(self.folder.path / WORK, end.key)
        if stopped and (outcome is None or outcome.status == INTERRUPTED):
            # A process knows that it was told to stop, not what the study was told.
            outcome = UnitOutcome(INTERRUPTED, outcome.run if outcome else "", stopped)
        if outcome is None:
            log = self.folder.path / LOGS / f"{end.key}.log"
            outcome = UnitOutcome(FAILED, reason=f"{end.fault or 'its process ended without a word'}; see '{log}'")
        if outcome.status == FINISHED:
            self.done.add(unit.key)
        if not unit.is_beginning:
            state = self.states[unit.key]
            self.states[unit.key] = state.with_end(outcome.status, outcome.run, outcome.reason, seconds)
        elif outcome.status != FINISHED:
            self._give_up_after(unit, outcome)
        self._write()

    def _give_up_after(self, beginning: WorkUnit, outcome: UnitOutcome) -> None:
        """Note of all that waits for a beginning that did not finish why it cannot be trained."""
        lost = {beginning.key}
        reason = f"the stages that it shares with others did not finish: {outcome.reason}"
        # Beginnings stand before what waits for them.
        for unit in list(self.waiting):
            if lost & set(unit.after):
                lost.add(unit.key)
                self.waiting.remove(unit)
                if not unit.is_beginning:
                    self.states[unit.key] = RunState(outcome.status, self.states[unit.key].run, reason)

    def _stop(self, executor: Executor, reason: str) -> None:
        with activity("stopping: a checkpoint is written first, which may take a minute or two …"):
            executor.stop()
        for end in executor.ended(0):
            if end.key in self.running:
                self._take(end, reason)
        for key in list(self.running):
            if key in self.states:
                self.states[key] = RunState(INTERRUPTED, self.states[key].run, reason)
        self._write()
        self._tell()

    def _write(self) -> None:
        self.folder.write_states(self.states)
