"""The plan of a study: what is shared, what is stored, what cannot be trained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.config import load
from derm_cli.runs.stage_store import StageStore
from derm_cli.studies.asking.spec import StudyRow, StudySpec, study_runs
from derm_cli.studies.planning import study_plan
from derm_cli.studies.planning.study_plan import plan_study
from derm_cli.workflows.session import Session
from derm_cli.workflows.training import chain_records
from tests.support import trees
from tests.support.studies import MadeOptions

HAM, PAD = "ham10000", "pad-ufes-20"
NET = {"backbone": "effnet-lite0", "recipe": "paper", "epochs": 1}
ROWS = (
    StudyRow("a", {**NET, "chain": f"imagenet,{PAD}"}),
    StudyRow("b", {**NET, "chain": f"imagenet,{HAM},{PAD}"}),
)


@pytest.fixture
def session(tmp_path) -> Session:
    trees.make_ham(tmp_path / "data" / HAM, per_class=4)
    trees.make_pad(tmp_path / "data" / PAD, per_class=6)
    folders = {name: str(tmp_path / name) for name in ("data", "runs", "cache")}
    return Session(load(folders, {}))


@pytest.fixture
def planned(session):
    def plan(rows=ROWS, done=(), **options):
        spec = StudySpec("s", rows, **options)
        runs = study_runs(spec, MadeOptions())
        return plan_study(session, spec, runs, cores=2, is_done=lambda run, _: run.key in done)

    return plan


def test_a_beginning_that_folds_share_is_trained_once(planned):
    plan = planned(folds=2)
    assert [each.stages for each in plan.rows] == [(PAD,), (HAM, PAD)]
    assert (plan.stages_in_all, plan.stages_to_train, plan.stages_shared, plan.stages_stored) == (6, 5, 1, 0)
    (beginning,) = [unit for unit in plan.units if unit.is_beginning]
    assert [unit.key for unit in plan.units if unit.after] == ["0003", "0004"]
    assert all(unit.after in ((), (beginning.key,)) for unit in plan.units)


def test_seeds_learn_from_the_same_photographs_and_what_an_earlier_derm_asked_for_is_planned_as_it_is(
    session, planned, monkeypatch
):
    asked = []
    of = study_plan.StageOutlines.of
    monkeypatch.setattr(study_plan.StageOutlines, "of", lambda *given: asked.append(given[-1]) or of(*given))
    planned(rows=ROWS[:1], seeds=(3, 1))
    spec = StudySpec("s", ROWS[:1], seeds=(3, 1))
    runs = study_runs(spec, MadeOptions())
    splittings = (replace(run.request.splitting, split_seed=None) for run in runs)
    earlier = [
        replace(run, request=replace(run.request, splitting=each)) for run, each in zip(runs, splittings, strict=True)
    ]
    plan = plan_study(session, spec, earlier)
    assert asked == [((3, 0, None), (1, 0, 3)), ((3, 0, None), (1, 0, None))]
    assert plan.stages_to_train == 2


def test_what_is_done_is_no_work_and_neither_is_a_beginning_that_nobody_waits_for(planned):
    plan = planned(folds=2, done=("0001", "0003"))
    assert [unit.key for unit in plan.units] == ["0002", "0004"]
    assert planned(folds=2, done=("0001", "0002", "0003", "0004")).units == ()


def test_what_the_store_has_is_known_by_its_outline(planned, session):
    before = planned()
    store = StageStore(session.settings.cache_folder, session.settings.cache_limit_bytes)
    store.keep("0" * 64, [], {"outline": before.outlines["0002"][0]})
    plan = planned()
    assert plan.stages_stored == 1
    assert [len(unit.outlines) for unit in plan.units] == [1, 1]
    assert plan.to_json()["stages"] == {"in_all": 3, "to_train": 2, "stored": 1, "shared": 0}


def test_a_row_that_cannot_be_trained_has_its_reason_and_the_others_are_planned(planned):
    plan = planned((*ROWS, StudyRow("c", {**NET, "chain": "imagenet,nowhere"})))
    assert [bool(each.fault) for each in plan.rows] == [False, False, True]
    assert "There is no dataset 'nowhere'" in plan.rows[2].fault
    assert [unit.key for unit in plan.units] == ["0001", "0002"]


def test_without_a_store_nothing_is_shared(planned, session, monkeypatch):
    monkeypatch.setattr(type(session.settings), "cache_limit_bytes", 0)
    assert not any(unit.is_beginning for unit in planned(folds=2).units)


@pytest.mark.parametrize(("room", "warned"), [(2, False), (1, True), (0, False)])
def test_a_store_that_is_too_small_for_what_is_shared_is_told_of_once(
    planned, session, monkeypatch, capsys, room, warned
):
    """HAM10000 has to be there while a fold stores its own; with no store nothing is shared, and nothing is lost."""
    size = 4 * planned(folds=2).rows[0].parameters
    capsys.readouterr()
    monkeypatch.setattr(type(session.settings), "cache_limit_bytes", room * size)
    planned(folds=2)
    said = capsys.readouterr().err
    assert said.count("take about 27.3 MB, but the store of stages may have 13.7 MB") == warned, said
    assert said.count("set 'cache_limit' to '33.0 MB' or more.") == warned, said
    # Where no stage is shared the store may be as small as it likes.
    planned(folds=2, rows=ROWS[:1])
    assert capsys.readouterr().err == ""


def test_tables_are_read_once_and_each_warning_is_told_once(planned, monkeypatch, capsys):
    from derm_cli.console import warn

    read, original = [], chain_records.read_records

    def note(located, left_out):
        read.append(located.name)
        return original(located, left_out)

    monkeypatch.setattr(chain_records, "read_records", note)

    def outlines(_, prepared, cases):
        warn("odd")
        return [["x"]]

    monkeypatch.setattr(study_plan.StageOutlines, "of", outlines)
    planned(tuple(StudyRow(str(number), {**NET, "chain": PAD, "head-rate": number / 100.0}) for number in range(1, 20)))
    assert read == [PAD]
    assert capsys.readouterr().err == "Warning: odd\n"


def test_time_and_disk_are_those_of_measured_runs(planned, monkeypatch):
    from derm_cli.studies.planning.estimating import MeasuredRun, Measurements

    assert (planned().seconds_in_all, planned().bytes) == (None, None)
    run = MeasuredRun("effnet-lite0", 224, "frozen-block", seconds=10.0, images=100, beside=5.0, bytes=1000)
    # Those of other backbones tell nothing, and are not counted.
    others = [replace(run, backbone="resnet50"), replace(run, backbone="effnet-b3")]
    monkeypatch.setattr(Measurements, "of", lambda *_: Measurements([others[0], run, others[1]]))
    plan = planned()
    shown = sum(sum(each.images) for each in plan.rows)
    assert plan.seconds_in_all == pytest.approx(2 * 5 + shown * 0.1)
    assert plan.bytes == 2 * 1000 + 4 * 3 * plan.rows[0].parameters
    assert plan.measured == 1
