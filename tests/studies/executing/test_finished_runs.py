"""Which finished trainings have no longer the run that they ask for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PIL import Image, ImageOps

from derm_cli.config import load
from derm_cli.data import ingesting
from derm_cli.engine import backend
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from derm_cli.studies.asking.spec import StudyRow, StudySpec, study_runs
from derm_cli.studies.executing.finished_runs import FinishedRuns
from derm_cli.studies.executing.taking import data_hash
from derm_cli.studies.planning.study_plan import plan_study
from derm_cli.studies.storage.record import RunState
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import prepare
from tests.support import trees
from tests.support.studies import MadeOptions

PAD = "pad-ufes-20"
NET = {"backbone": "effnet-lite0", "recipe": "paper", "epochs": 1, "chain": f"imagenet,{PAD}"}


@pytest.fixture
def finished(tmp_path):
    """A study of two rows over two folds, on photographs that are there, whose trainings all have a run."""
    trees.make_pad(tmp_path / "data" / PAD, per_class=4)
    session = Session(load({name: str(tmp_path / name) for name in ("data", "runs", "cache")}, {}))
    spec = StudySpec("s", (StudyRow("a", NET), StudyRow("b", {**NET, "head-rate": 0.1})), folds=2)
    runs = study_runs(spec, MadeOptions())
    prepared = prepare(session, runs[0].request)
    data = {name: data_hash(session, prepared, name) for name in prepared.records}
    for run in runs:
        RunFolder(session.runs.root / run.key).write(
            RunRecord(status="finished", request=run.request.to_json(), data=data, environment=backend.versions())
        )
    states = {run.key: RunState("finished", run.key) for run in runs}
    taken = {}

    def work() -> tuple[list[str], dict[str, str]]:
        """Return what is left to train, and why of what was finished."""
        found = FinishedRuns(session, taken=taken)
        found.look_at(runs, states)
        is_done = lambda run, prepared: found.is_done(run, states[run.key], prepared)  # noqa: E731
        return [unit.key for unit in plan_study(session, spec, runs, cores=1, is_done=is_done).units], found.again

    return SimpleNamespace(
        root=tmp_path / "data" / PAD,
        work=work,
        runs=session.runs,
        states=states,
        taken=taken,
        session=session,
        asked=runs,
    )


def test_what_is_as_it_was_is_no_work_and_each_photograph_is_read_once(finished, monkeypatch):
    read, original = [], ingesting.pack

    def pack(files, *more, **options):
        read.append(len(files))
        return original(files, *more, **options)

    monkeypatch.setattr(ingesting, "pack", pack)
    assert finished.work() == ([], {})
    assert len(read) == 1


def test_a_photograph_that_was_replaced_makes_work_of_all_that_learnt_from_it(finished):
    photograph = next(finished.root.rglob("*.png"))
    ImageOps.invert(Image.open(photograph).convert("RGB")).save(photograph)
    units, again = finished.work()
    assert units == ["0001", "0002", "0003", "0004"]
    assert set(again.values()) == {f"files or labels of '{PAD}' changed since its run began"}


def test_a_label_that_was_corrected_does_so_too(finished):
    table = finished.root / "metadata.csv"
    first = next(line for line in table.read_text().splitlines()[1:] if ",MEL," in line)
    table.write_text(table.read_text().replace(first, first.replace(",MEL,", ",NEV,")))
    assert len(finished.work()[0]) == 4


def test_what_another_study_trained_is_no_work(finished):
    finished.states["0001"], finished.states["0003"] = RunState(), RunState("failed", reason="no more memory")
    assert finished.work() == ([], {})
    assert {key: run.id for key, run in finished.taken.items()} == {"0001": "0001", "0003": "0003"}


def test_a_run_that_is_gone_has_another_s_in_its_place(finished):
    finished.states["0001"] = RunState("finished", "gone")
    assert finished.work() == ([], {})
    assert finished.taken["0001"].id == "0001"


def test_of_several_runs_the_latest_that_is_finished_and_of_today_s_data_is_taken(finished):
    finished.states["0001"] = RunState()
    first = (finished.runs.root / "0001").resolve()
    record = RunFolder(first).record
    others = {"0005": {}, "0006": {"data": {PAD: "another"}}, "0007": {"status": "failed"}}
    for name, values in others.items():
        RunFolder(finished.runs.root / name).write(replace(record, **values))
    assert finished.work() == ([], {})
    assert finished.taken["0001"].id == "0005"


def test_a_run_on_other_data_by_other_versions_or_for_something_else_is_not_taken(finished):
    finished.states["0001"] = RunState()
    run = RunFolder(finished.runs.root / "0001")
    record = run.record
    for values in (
        {"data": {PAD: "another"}},
        {"environment": {**record.environment, "keras": "1"}},
        {"request": {**record.request, "seed": 5}},
    ):
        run.write(replace(record, **values))
        # Nobody is told that something is trained again which never was trained.
        assert finished.work() == (["0001"], {})
    assert finished.taken == {}


def test_a_plan_presumes_that_no_data_has_changed(finished):
    finished.states["0001"], finished.states["0002"] = RunState(), RunState("finished", "gone")
    run = RunFolder(finished.runs.root / "0003")
    run.write(replace(run.record, data={PAD: "another"}))
    found = FinishedRuns(finished.session)
    found.look_at(finished.asked, finished.states)
    assert found.presumed(finished.asked, finished.states) == {"0001", "0002", "0003", "0004"}
    assert found.again == {}
