"""Carrying out a study: what waits, what fails, what is stopped, and what goes on afterwards."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from derm_cli.engine import backend
from derm_cli.engine.stopping import Stopped
from derm_cli.errors import DermError, Interrupted, RequestError
from derm_cli.plugin import Capacity, ComponentOption, ExecutorSpec, ProcessEnd, StudyFacts
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.runs.runs import Runs
from derm_cli.studies.asking.spec import StudyRow, StudySpec, study_runs
from derm_cli.studies.executing import driving, finished_runs
from derm_cli.studies.executing.assignment import Assignment, UnitOutcome
from derm_cli.studies.executing.driving import carry_out
from derm_cli.studies.planning.graph import work_units
from derm_cli.studies.planning.study_plan import PlannedRow, StudyPlan
from derm_cli.studies.storage.folder import Studies
from derm_cli.studies.storage.record import RunState, StudyRecord
from tests.support.studies import MadeOptions, states_of

ROWS = (
    StudyRow("a", {"chain": "clinic"}),
    StudyRow("b", {"chain": "edra,clinic"}),
    StudyRow("c", {"chain": "edra,far"}),
)
DATA = {"clinic": "c", "edra": "e", "far": "f"}
OUTLINES = {"0001": ["x"], "0002": ["e", "ed"], "0003": ["e", "ep"]}


@dataclass
class MadeExecutor:
    """Begins processes and ends them in their order.

    ``fates`` are what comes of them, ``signal`` ends the study at ``stop_at``.
    """

    runs: Runs
    fates: dict[str, UnitOutcome | str] = field(default_factory=dict)
    stop_at: str = ""
    signal: int = 15
    began: list[str] = field(default_factory=list)
    at_once: int = 0
    running: list = field(default_factory=list)
    stopped: bool = False
    silent: bool = False
    started: Capacity | None = None
    processes: list = field(default_factory=list)
    capacities: list = field(default_factory=list)

    def capacity(self, asked):
        return asked

    def start(self, capacity):
        self.capacities.append((capacity.workers, capacity.cores))
        self.started, self.stopped = capacity, False
        return self

    def begin(self, process):
        self.began.append(process.key)
        self.processes.append(process)
        self.running.append(process)
        self.at_once = max(self.at_once, len(self.running))

    def ended(self, patience):
        if self.stopped:
            ends, self.running = self.running, []
            if self.silent:
                return [ProcessEnd(key=each.key, fault="cancelled") for each in ends]
            return [self.end(process, UnitOutcome("interrupted", "", "stopped by SIGTERM")) for process in ends]
        process = self.running.pop(0)
        if process.key.startswith(self.stop_at or "nothing"):
            self.running.insert(0, process)
            raise Stopped(self.signal)
        key = "stage" if process.key.startswith("stage") else process.key
        return [self.end(process, self.fates.get(key, UnitOutcome("finished", f"run-{process.key}")))]

    def end(self, process, outcome):
        if isinstance(outcome, str):
            return ProcessEnd(key=process.key, fault=outcome)
        path = process.command[-1]
        task = Assignment.read(path_of(path))
        if outcome.status == "finished" and task.until is None:
            write_finished(self.runs, outcome.run, task.request)
        outcome.write(path_of(path).parent, process.key)
        return ProcessEnd(key=process.key)

    def stop(self):
        self.stopped = True


class MadeRegistry:
    """Has an executor alone, and notes what plugins are told."""

    def __init__(self, spec):
        self.spec, self.told = spec, []

    def get(self, *_):
        return self.spec

    def tell(self, event, **facts):
        self.told.append((event, facts))
        return {}


def write_finished(runs, name, request, **record):
    """Write the record of a run that was finished, by default as a training of today would be."""
    values = {"data": dict(DATA), "environment": backend.versions(), **record}
    RunFolder(runs.root / name).write(RunRecord(status="finished", request=request, **values))


def path_of(text):
    from pathlib import Path

    return Path(text)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A study of three rows, of which two share a beginning, and the executor that carries it out."""
    runs = Runs(tmp_path / "runs")
    executor = MadeExecutor(runs)
    spec = ExecutorSpec(name="made", title="Made", capacity=executor.capacity, start=executor.start)
    setting = {name: SimpleNamespace(value=tmp_path / name) for name in ("data", "runs")}
    settings = SimpleNamespace(
        **setting,
        cache_folder=tmp_path / "cache",
        cache_limit=SimpleNamespace(value="1 GB"),
        cache_limit_bytes=10**9,
        plugins=SimpleNamespace(value=None),
        disabled_plugins=SimpleNamespace(value=("tensorboard",)),
    )
    session = SimpleNamespace(runs=runs, settings=settings, registry=MadeRegistry(spec))
    faults: dict[str, str] = {}

    data, looked_at = dict(DATA), []

    def data_hash(_, prepared, name):
        looked_at.append(name)
        if data[name] is None:
            raise DermError("No photograph of it can be decoded.")
        return data[name]

    monkeypatch.setattr(finished_runs, "data_hash", data_hash)
    # As the tables of a study are read: once.
    records = {name: object() for name in data}
    made = SimpleNamespace(
        plan=SimpleNamespace(preprocessing=None, target="clinic", metadata=()),
        records=records,
        request=SimpleNamespace(features=None),
    )

    def plan(_, study, trainings, *, cores, workers, is_done):
        assert (cores, workers) == (3, 2)
        waiting = {run.key: OUTLINES[run.key] for run in trainings if run.row not in faults and not is_done(run, made)}
        rows = tuple(PlannedRow(row.name, fault=faults.get(row.name, "")) for row in study.rows)
        return StudyPlan(study, tuple(trainings), rows, OUTLINES, tuple(work_units(waiting)))

    monkeypatch.setattr(driving, "plan_study", plan)
    study = StudySpec("s", ROWS)
    folder = Studies(runs.root).begin(StudyRecord(study, study_runs(study, MadeOptions()), "made", 2, 3))
    return SimpleNamespace(
        session=session, folder=folder, executor=executor, faults=faults, runs=runs, data=data, looked_at=looked_at
    )


def statuses(states):
    return {key: state.status for key, state in states.items()}


def test_what_rows_share_is_done_right_before_them_and_as_many_at_once_as_there_are_workers(place):
    told = []
    states = carry_out(place.session, place.folder, lambda folder: told.append(statuses(folder.states)))
    assert statuses(states) == dict.fromkeys(("0001", "0002", "0003"), "finished")
    assert place.executor.began == ["0001", "stage-e", "0002", "0003"]
    assert (place.executor.at_once, place.executor.capacities) == (2, [(2, 3)])
    assert {state.run for state in states.values()} == {"run-0001", "run-0002", "run-0003"}
    assert told[0]["0001"] == "running"
    assert told[-1] == statuses(states)
    assert place.folder.states == states
    # What was taken to carry it out is given back.
    assert place.executor.stopped


def test_what_cannot_be_shown_ends_no_training(place, capsys):
    told = []

    def tell(folder):
        told.append(folder)
        raise ValueError("'seed' is not in list")

    assert statuses(carry_out(place.session, place.folder, tell)) == dict.fromkeys(("0001", "0002", "0003"), "finished")
    assert len(told) == 1
    assert (
        "how far the study is cannot be shown any more (ValueError: 'seed' is not in list); it goes on, and 'derm "
        "study show s' tells it."
    ) in " ".join(capsys.readouterr().err.split())


def test_plugins_are_told_when_a_study_begins_and_what_came_of_it(place):
    place.executor.fates["0001"] = "its process was ended by SIGKILL"
    carry_out(place.session, place.folder)
    facts = StudyFacts(name="s", folder=place.folder.path.absolute())
    rows = {"run-0002": "b", "run-0003": "c"}
    assert place.session.registry.told == [
        ("derm_study_started", {"study": facts}),
        ("derm_study_ended", {"study": facts, "rows": rows, "failed": 1}),
    ]


def test_where_nothing_is_left_to_do_no_executor_is_begun(place):
    carry_out(place.session, place.folder)
    place.executor.capacities.clear()
    carry_out(place.session, place.folder)
    assert place.executor.capacities == []


def test_a_process_is_told_what_it_needs(place, tmp_path):
    carry_out(place.session, place.folder)
    task = Assignment.read(place.folder.path / "work" / "0002.json")
    assert task.request == json.loads(json.dumps(place.folder.record.runs[1].request.to_json()))
    folders = {name: str(tmp_path / name) for name in ("data", "runs", "cache")}
    assert task.settings == folders | {"cache_limit": "1 GB", "disabled_plugins": "tensorboard"}
    stage = Assignment.read(next((place.folder.path / "work").glob("stage-?.json")))
    assert (task.row, stage.row, stage.study["name"], task.study) == ("b", "", "s", stage.study)
    assert (stage.until, stage.folder) == (0, str(place.folder.path / "stages" / stage.key))
    assert (stage.outlines, task.outlines) == (("e",), ("ed",))


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        (UnitOutcome("failed", "run-x", "The loss is not a number."), "The loss is not a number."),
        ("its process was ended by SIGKILL", "its process was ended by SIGKILL; see '"),
        ("", "its process ended without a word; see '"),
    ],
)
def test_a_training_that_fails_has_its_reason_and_the_others_go_on(place, fate, reason):
    place.executor.fates["0001"] = fate
    states = carry_out(place.session, place.folder)
    assert statuses(states) == {"0001": "failed", "0002": "finished", "0003": "finished"}
    assert states["0001"].reason.startswith(reason)
    # What failed is tried again, what is finished is not.
    place.executor.fates.clear()
    place.executor.began.clear()
    assert statuses(carry_out(place.session, place.folder)) == dict.fromkeys(("0001", "0002", "0003"), "finished")
    assert place.executor.began == ["0001"]


def test_where_a_beginning_fails_what_waits_for_it_has_its_reason(place):
    place.executor.fates["stage"] = UnitOutcome("failed", "", "A class is too small.")
    states = carry_out(place.session, place.folder)
    assert statuses(states) == {"0001": "finished", "0002": "failed", "0003": "failed"}
    assert states["0002"].reason == "the stages that it shares with others did not finish: A class is too small."
    assert "0002" not in place.executor.began


def test_a_row_that_cannot_be_planned_is_one_with_a_reason(place):
    place.faults["b"] = "There is no dataset 'edra'."
    states = carry_out(place.session, place.folder)
    assert statuses(states) == {"0001": "finished", "0002": "failed", "0003": "finished"}
    assert states["0002"].reason == "There is no dataset 'edra'."


def test_what_a_signal_stopped_has_the_study_s_reason_and_the_terminal_says_that_it_is_stopping(place, monkeypatch):
    told = []

    @contextmanager
    def activity(text):
        told.append((text, place.executor.stopped))
        yield
        told.append(("stopped", place.executor.stopped))

    monkeypatch.setattr(driving, "activity", activity)
    place.executor.stop_at, place.executor.signal = "0002", 2
    with pytest.raises(Interrupted, match="was interrupted with"):
        carry_out(place.session, place.folder)
    state = states_of(place.folder)["0002"]
    assert (state["status"], state["reason"]) == ("interrupted", "interrupted by the user")
    (stopping, before), after = told
    assert stopping.startswith("stopping: a checkpoint is written first")
    assert (before, after) == (False, ("stopped", True))


@pytest.mark.parametrize("stop_at", ["stage", "0002"])
def test_a_signal_stops_what_runs_and_the_study_can_be_gone_on_with(place, stop_at):
    place.executor.stop_at = stop_at
    with pytest.raises(Interrupted, match="go on with 'derm study resume s'") as stopped:
        carry_out(place.session, place.folder)
    assert stopped.value.exit_status == 143
    assert place.executor.stopped
    assert "running" not in {state["status"] for state in states_of(place.folder).values()}
    place.executor.stop_at, place.executor.stopped = "", False
    place.executor.began.clear()
    states = carry_out(place.session, place.folder)
    assert statuses(states) == dict.fromkeys(("0001", "0002", "0003"), "finished")
    assert "0001" not in place.executor.began or stop_at == "stage"


@pytest.mark.parametrize("at", ["plan_study", "_started"])
def test_a_signal_before_anything_is_trained_is_a_sentence(place, monkeypatch, at):
    def stop(*_, **__):
        raise Stopped(2)

    monkeypatch.setattr(driving if at == "plan_study" else driving._Driver, at, stop)
    said = "Study 's' was interrupted before anything was trained: go on with 'derm study resume s'."
    with pytest.raises(Interrupted, match=said) as stopped:
        carry_out(place.session, place.folder)
    assert stopped.value.exit_status == 130


def test_what_the_executor_has_not_any_more_is_told_with_the_command_that_takes_less(place):
    def refuse(_):
        raise RequestError("'2' workers are too many: give fewer, as in --workers 1.")

    place.executor.capacity = refuse
    place.session.registry.spec = replace(place.session.registry.spec, capacity=refuse)
    with pytest.raises(RequestError, match="as in --workers 1; 'derm study resume s' takes such options"):
        carry_out(place.session, place.folder)


def test_who_asks_twice_does_not_wait_and_is_told_how_to_go_on(place, monkeypatch):
    def stop():
        place.executor.stopped = True
        raise Stopped(2)

    monkeypatch.setattr(place.executor, "stop", stop)
    place.executor.stop_at, place.executor.signal = "0001", 2
    with pytest.raises(Interrupted, match="with 3 of 3 trainings to go: go on with 'derm study resume s'") as stopped:
        carry_out(place.session, place.folder)
    assert stopped.value.exit_status == 130
    assert place.executor.stopped


def test_what_is_stopped_before_it_could_say_a_word_did_not_fail(place):
    """As a process that waits for room on a cluster, or one that had to be killed."""
    place.executor.stop_at = "0001"
    place.executor.silent = True
    with pytest.raises(Interrupted):
        carry_out(place.session, place.folder)
    state = states_of(place.folder)["0001"]
    assert (state["status"], state["reason"]) == ("interrupted", "stopped by SIGTERM")


def test_what_a_killed_driver_left_is_gone_on_with(place):
    write_finished(place.runs, "run-0001", place.folder.record.runs[0].request.to_json())
    place.folder.write_states({"0001": RunState("finished", "run-0001"), "0002": RunState("running", "r")})
    states = carry_out(place.session, place.folder)
    assert statuses(states) == dict.fromkeys(("0001", "0002", "0003"), "finished")
    assert "0001" not in place.executor.began


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        (None, "its run is gone, or cannot be read"),
        ({"status": "interrupted"}, "its run is not finished any more"),
        ({"request": {"chain": ["clinic"]}}, "its run is gone, or cannot be read"),
        ({"seed": 7}, "its run was trained for something else"),
        ({"environment": {"numpy": "1.0"}}, "numpy 1.0 in place of "),
        ({"environment": {}}, "derm-cli unknown in place of "),
        ({"data": DATA | {"edra": "another"}}, "files or labels of 'edra' changed since its run began"),
        ({"data": {}}, "files or labels of 'clinic', 'edra', 'far' changed since its run began"),
    ],
)
def test_a_training_whose_run_is_not_the_one_that_it_asks_for_is_trained_again(place, capsys, change, why):
    carry_out(place.session, place.folder)
    run = RunFolder(place.runs.root / "run-0001")
    if change is None:
        place.runs.remove(run)
    elif "seed" in change:
        run.write(replace(run.record, request=run.record.request | change))
    else:
        run.write(replace(run.record, **{"environment": backend.versions(), **change}))
    place.executor.began.clear()
    carry_out(place.session, place.folder)
    assert place.executor.began == (["0001"] if why else [])
    said = " ".join(capsys.readouterr().err.split())
    assert ("a training that was finished is work again: " in said) == bool(why)
    assert why in said
    assert statuses(place.folder.states) == dict.fromkeys(("0001", "0002", "0003"), "finished")


def test_a_training_that_is_to_be_trained_again_says_why_until_it_runs(place):
    carry_out(place.session, place.folder)
    place.data["edra"] = "another"
    told = []
    carry_out(place.session, place.folder, lambda _: told.append(states_of(place.folder)["0002"]))
    assert told[0] == {
        "status": "waiting",
        "reason": "is trained again: files or labels of 'edra' changed since its run began",
    }
    assert "reason" not in told[-1]


def test_data_that_cannot_be_read_any_more_are_a_reason_too(place, capsys):
    carry_out(place.session, place.folder)
    place.data["far"] = None
    carry_out(place.session, place.folder)
    said = " ".join(capsys.readouterr().err.split())
    assert "3 trainings that were finished are work again: No photograph of it can be decoded." in said


def test_each_dataset_is_looked_at_once_a_study(place):
    carry_out(place.session, place.folder)
    assert place.looked_at == []
    carry_out(place.session, place.folder)
    assert sorted(place.looked_at) == sorted(DATA)


def test_two_processes_do_not_carry_out_one_study(place, monkeypatch):
    monkeypatch.setattr(driving, "PATIENCE", 0)
    with place.folder.held(), pytest.raises(DermError, match="is being carried out by another process"):
        carry_out(place.session, place.folder)


def test_an_executor_is_asked_for_what_the_study_began_with(place):
    asked = []
    place.executor.capacity = lambda capacity: asked.append(capacity) or capacity
    options = tuple(ComponentOption(name=name, default="none", title=name) for name in ("address", "queue", "more"))
    spec = ExecutorSpec(
        name="made", title="Made", capacity=place.executor.capacity, start=place.executor.start, options=options
    )
    place.session.registry = MadeRegistry(spec)
    record = replace(place.folder.record, options={"address": "old", "queue": "long"})
    (place.folder.path / "study.json").write_text(json.dumps(record.to_json()))
    # What is said when it is gone on with stands above that.
    carry_out(place.session, place.folder, options={"address": "new"})
    assert asked == [Capacity(workers=2, cores=3, options={"address": "new", "queue": "long", "more": "none"})]


def test_an_executor_is_told_of_the_folders_that_processes_read_and_write(place, tmp_path, monkeypatch):
    """Synthetic photographs, which are drawn into the cache where they are missing, are no data that is looked for."""
    roots = {"clinic": tmp_path / "data" / "clinic", "made-edra": tmp_path / "cache" / "made" / "made-edra"}
    monkeypatch.setattr(driving, "locate", lambda name, *_: SimpleNamespace(root=roots[name]))
    planned = driving.plan_study
    monkeypatch.setattr(driving, "plan_study", lambda *a, **b: replace(planned(*a, **b), datasets=tuple(roots)))
    carry_out(place.session, place.folder)
    assert place.executor.started.store == {"runs": tmp_path / "runs", "cache": tmp_path / "cache"}
    assert place.executor.started.data == {"clinic": tmp_path / "data" / "clinic"}
    # Else each machine would draw a salt of its own, and one patient have several hashes.
    (salt,) = place.executor.started.alike.values()
    assert bytes.fromhex(salt.read_text()) == driving.salt()


def test_a_process_has_the_variables_that_its_bits_hang_on_wherever_it_stands(place, monkeypatch):
    for name in ("DERM_TRAIN_EPOCHS", "TF_ENABLE_ONEDNN_OPTS", "OMP_NUM_THREADS", "MLFLOW_TRACKING_URI", "SOMETHING"):
        monkeypatch.setenv(name, "1")
    carry_out(place.session, place.folder)
    carried = place.executor.processes[0].environment
    assert {"DERM_TRAIN_EPOCHS", "TF_ENABLE_ONEDNN_OPTS", "OMP_NUM_THREADS", "MLFLOW_TRACKING_URI"} <= set(carried)
    assert "SOMETHING" not in carried


def test_a_beginning_is_told_which_trainings_wait_for_it(place):
    """By which the report knows what sharing saved."""
    carry_out(place.session, place.folder)
    work = place.folder.path / "work"
    users = {path.stem: Assignment.read(path).users for path in work.glob("*.json") if "." not in path.stem}
    assert {key: value for key, value in users.items() if value} == {"stage-e": ("0002", "0003")}


def test_what_waiting_trainings_begin_with_is_used_until_the_last_has_it(place, monkeypatch):
    """So that a store that is full evicts what nobody waits for."""
    marked = []

    class Store:
        def __init__(self, *told):
            marked.append(told)

        def mark_used(self, outlines):
            marked.append((len(place.executor.began), sorted(outlines)))

    monkeypatch.setattr(driving, "StageStore", Store)
    carry_out(place.session, place.folder)
    assert marked[0] == (place.session.settings.cache_folder, 10**9)
    # Before each unit that is begun, of which 0003 is the last that needs it.
    assert marked[1:] == [(0, ["e"]), (1, ["e"]), (2, ["e"]), (3, ["e"])]
