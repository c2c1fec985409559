"""The plan of a request, as text and as JSON values, with nothing written."""

from __future__ import annotations

import pytest

from derm_cli.config import load
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.dry_run import describe, to_json
from derm_cli.workflows.training.request import TrainRequest
from tests.support import trees

PAD = "pad-ufes-20"


@pytest.fixture
def session(tmp_path) -> Session:
    trees.make_pad(tmp_path / "data" / PAD, per_class=10)
    return Session(load({"data": str(tmp_path / "data"), "runs": str(tmp_path / "runs")}, {}))


def request_of(**options) -> TrainRequest:
    return TrainRequest.from_options(backbone="effnet-lite0", chain=(PAD,), size=32, **options)


def test_the_plan_is_told_with_its_photographs_and_steps(session, tmp_path):
    content = to_json(session, request_of(epochs=2))
    (stage,) = content["stages"]
    counts = [sum(stage[part].values()) for part in ("train", "validation", "test")]
    assert sum(counts) == 60
    assert stage["batch_size"] == 6
    assert stage["steps"] == stage["steps_per_epoch"] * sum(phase["epochs"] for phase in stage["phases"])
    assert len(content["fingerprint"]) == 64
    assert not content["synthetic"]
    assert not (tmp_path / "runs").exists()


def test_the_text_tells_augmentation_and_options_in_words(session):
    text = describe(session, request_of(phase_options=("label-smoothing=0.1", "best-epoch=on")))
    assert "Augmentation: paper (rotation 1 to 30, flip 0.5, zoom 0 to 0.2" in text
    assert "targets smoothed (share 0.1), best epoch yes" in text
    assert "Photographs 32x32, squash, nearest; seed 0" in text
    assert "No augmentation" in describe(session, request_of(augmentation=None))


def test_all_folds_are_told_and_one_alone_as_a_plan(session):
    folds = to_json(session, request_of(folds=3))["folds"]
    assert [each["fold"] for each in folds] == [1, 2, 3]
    assert to_json(session, request_of(folds=3, fold=2)) == folds[1]
    text = describe(session, request_of(folds=3))
    assert "that each fold is tested on; the plan above is that of fold 1" in text
