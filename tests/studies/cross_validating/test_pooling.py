"""The folds as one table, kept beside the runs."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from derm_cli.evaluation.predictions import read_predictions
from derm_cli.files import sha256_of
from derm_cli.plugin.registry import Registry
from derm_cli.runs.runs import Runs
from derm_cli.studies.cross_validating.cross_validation import CrossValidation, FoldResult
from derm_cli.studies.cross_validating.pooling import pool
from tests.support.member_runs import fold, make_member


@pytest.fixture
def session(tmp_path):
    return SimpleNamespace(runs=Runs(tmp_path / "runs"), registry=Registry())


@pytest.fixture
def two(session):
    return [make_member(session.runs.root, f"{n}", fold(n, 2), tested=each) for n, each in ((1, "abc"), (2, "def"))]


def test_the_folds_are_kept_as_one_table_with_their_judgement_and_page(session, two):
    pooled = pool(session, CrossValidation(2, (FoldResult(1, two[0]), FoldResult(2, two[1]))))
    assert pooled.path.parent == session.runs.root / "cross-validations"
    assert pooled.path.name.endswith("-folds2")
    table = read_predictions(pooled.path / "predictions.csv")
    assert table.case_ids == tuple("abcdef")
    stored = json.loads((pooled.path / "evaluation.json").read_text())
    assert stored["folds"] == 2
    assert stored["runs"] == [
        {"fold": number, "run": run.id, "predictions": sha256_of(run / "predictions.csv")}
        for number, run in enumerate(two, start=1)
    ]
    assert stored["cases"] == pooled.to_json()["evaluation"]["cases"] == 6
    page = (pooled.path / "report.html").read_text()
    assert "Cross-validation, 2 folds of clinic as one table" in page
    assert "run 1" in page
    assert stored["spread"]["overall"]["accuracy"] == {"mean": 1, "sd": 0, "lowest": 1, "highest": 1, "folds": 2}
    assert "Spread over 2 folds, a model each" in page
    assert [run.id for run in session.runs.all()] == ["1", "2"], "no folder of it is a run"


def test_the_same_folds_are_kept_once_and_others_beside_them(session, two):
    result = CrossValidation(2, (FoldResult(1, two[0]), FoldResult(2, two[1])))
    assert pool(session, result).path == pool(session, result).path
    three = [
        make_member(session.runs.root, f"3{n}", fold(n, 3), tested=each) for n, each in enumerate(("ab", "cd", "ef"), 1)
    ]
    pool(session, CrossValidation(3, tuple(FoldResult(n, run) for n, run in enumerate(three, 1))))
    assert len(list((session.runs.root / "cross-validations").iterdir())) == 2


def test_folds_that_are_not_whole_are_not_pooled(session, two):
    for results in ((FoldResult(1, two[0]),), (FoldResult(1, two[0]), FoldResult(2, two[1], "no more memory"))):
        assert pool(session, CrossValidation(2, results)) is None
    assert not (session.runs.root / "cross-validations").exists()
