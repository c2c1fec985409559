"""A cross-validation is kept as a study of one row, whose state other processes see."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.plugin import RunFacts
from derm_cli.plugin.registry import Registry
from derm_cli.runs.runs import Runs
from derm_cli.studies.cross_validating import fold_study
from derm_cli.studies.cross_validating.fold_study import FoldStudy, study_of_folds
from derm_cli.studies.executing.watching import view_study
from derm_cli.studies.storage.folder import Studies
from derm_cli.studies.storage.record import FINISHED, RunState, StudyRecord
from derm_cli.workflows.training.request import TrainRequest
from tests.support.run_folders import PLAN

REQUEST = TrainRequest.from_options(backbone="made", chain=("imagenet", "clinic"), folds=3)


@pytest.fixture
def session(tmp_path):
    return SimpleNamespace(runs=Runs(tmp_path / "runs"), registry=Registry())


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        (("clinic",), "clinic-folds3-"),
        (("imagenet", "/a/folder of/Photos, 2026/"), "Photos-2026-folds3-"),
        (("写真",), "target-folds3-"),
    ],
)
def test_a_study_is_called_by_the_target_and_the_folds(chain, name):
    record = study_of_folds(replace(REQUEST, chain=chain))
    assert record.spec.name.startswith(name)
    assert StudyRecord.from_json(record.to_json()) == record


def test_each_training_has_a_name_of_its_own():
    names = [study_of_folds(replace(REQUEST, seed=seed)).spec.name for seed in (0, 1, 1)]
    assert len(set(names)) == 2
    assert {study_of_folds(REQUEST.with_fold(fold)).spec.name for fold in (0, 2)} == {names[0]}


def test_how_far_a_fold_is_is_seen_while_it_is_trained(session, tmp_path):
    facts = RunFacts(id="the-run", folder=tmp_path, plan=PLAN, synthetic=False)
    with FoldStudy(session, REQUEST) as study:
        assert study.name == ""
        with study.telling(2):
            session.registry.tell("derm_run_started", run=facts)
            view = view_study(Studies(session.runs.root).find(study.name))
            assert view.is_carried_out
            assert [(each.fold, each.status, each.run) for each in view.trainings] == [
                (1, "waiting", ""),
                (2, "running", "the-run"),
                (3, "waiting", ""),
            ]
            assert view.trainings[1].progress == 0
        session.registry.tell("derm_run_started", run=replace(facts, id="of nobody"))
    after = view_study(Studies(session.runs.root).find(study.name))
    assert (after.is_carried_out, after.trainings[1].run, after.trainings[1].status) == (
        False,
        "the-run",
        "interrupted",
    )


def test_two_processes_that_train_folds_of_it_each_note_their_own(session, monkeypatch):
    monkeypatch.setattr(fold_study, "PATIENCE", 0.0)
    with FoldStudy(session, REQUEST) as first, FoldStudy(session, REQUEST) as second:
        first.note(1, RunState(FINISHED, "a"))
        second.note(2, RunState(FINISHED, "b"))
        first.note(3, RunState(FINISHED, "c"))
    states = Studies(session.runs.root).find(first.name).states
    assert {key: each.run for key, each in states.items()} == {"0001": "a", "0002": "b", "0003": "c"}
