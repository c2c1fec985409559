"""An ensemble is a run of its own: what it writes, and what becomes of one that fails."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.plugin.registry import Registry
from derm_cli.runs import layout
from derm_cli.runs.record import EnsembleMember
from derm_cli.runs.runs import Runs, require_trained
from derm_cli.workflows.comparing.exact import compare_runs
from derm_cli.workflows.comparing.repeat import repeat
from derm_cli.workflows.predicting.class_maps import load_class_maps
from derm_cli.workflows.predicting.predict import load_predictor
from derm_cli.workflows.runs import ensemble as workflow
from derm_cli.workflows.runs.ensemble import ensemble, ensemble_of_same_members
from derm_cli.workflows.training.train import resume
from tests.support.member_runs import fold, make_member


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Two stored networks from photographs of 32 pixels to two classes, and one from photographs of 64."""
    backend.start()
    import keras

    paths = []
    for number, size in enumerate((32, 32, 64)):
        entry = keras.Input((size, size, 3), name="image")
        flow = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(entry))
        model = keras.Model(entry, keras.layers.Dense(2, activation="softmax", name="head")(flow))
        model.set_weights([np.full((3, 2), [number, -1.0], "float32"), np.array([0.0, number], "float32")])
        paths.append(tmp_path_factory.mktemp("networks") / "model.keras")
        model.save(paths[-1])
    return paths


@pytest.fixture
def session(tmp_path):
    return SimpleNamespace(registry=Registry(), runs=Runs(tmp_path / "runs"))


@pytest.fixture
def folds(session, networks):
    """Both folds of a plan, of which no case is left that neither has learnt from."""
    return [
        make_member(session.runs.root, f"{n}", fold(n, 2), tested=cases, model=networks[n - 1])
        for n, cases in ((1, "abc"), (2, "def"))
    ]


def test_it_names_its_members_and_their_hashes_and_answers_with_their_mean(session, folds):
    run = ensemble(session, list(reversed(folds)))
    record = run.record
    assert run.finished
    assert record.members == tuple(EnsembleMember(each.id, each.record.files[layout.MODEL]) for each in folds)
    assert record.request["ensemble"] == ["1", "2"]
    assert record.request["backbone"] == "2 x made"
    assert record.data == folds[0].record.data
    assert vars(record.splits["clinic"]) == {"source": "own", "train": 6, "validation": 0, "test": 0}
    assert {layout.PLAN, layout.SPLIT, layout.DROPPED, layout.MODEL, layout.EVALUATION, layout.REPORT} <= set(
        record.files
    )
    photographs = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
    answers = load_predictor(session, run.id)(photographs)
    import keras

    members = [
        np.array(keras.saving.load_model(each / layout.MODEL, compile=False)(photographs.astype("float32")))
        for each in folds
    ]
    np.testing.assert_allclose(answers, np.mean(members, axis=0), atol=1e-6)
    assert load_predictor(session, run.id).facts.backbone == "2 x made"
    evaluation = json.loads((run / layout.EVALUATION).read_text())
    assert evaluation["cases"] == 0
    assert evaluation["cross_validation"]["runs"] == ["1", "2"]
    assert evaluation["cross_validation"]["evaluation"]["cases"] == 6


def test_one_of_the_same_members_is_found_as_long_as_they_are_the_same(session, folds):
    assert ensemble_of_same_members(session, folds) is None
    run = ensemble(session, folds)
    assert ensemble_of_same_members(session, folds) == run
    folds[0].seal(layout.PLAN)
    assert ensemble_of_same_members(session, folds[:1]) is None
    (folds[1] / layout.MODEL).write_bytes((folds[0] / layout.MODEL).read_bytes())
    folds[1].seal(layout.MODEL)
    assert ensemble_of_same_members(session, folds) is None


def test_networks_of_different_photographs_are_refused_and_nothing_is_left(session, folds, networks):
    (folds[1] / layout.MODEL).write_bytes(networks[2].read_bytes())
    folds[1].seal(layout.MODEL)
    with pytest.raises(DermError, match=r"Runs '1' and '2' cannot be averaged, for .* '\(None, 32, 32, 3\)' and"):
        ensemble(session, folds)
    assert [run.id for run in session.runs.all()] == ["1", "2"]


def test_one_that_fails_leaves_no_run(session, folds, monkeypatch):
    def fail(*_):
        raise OSError("no space")

    monkeypatch.setattr(workflow, "_evaluate", fail)
    with pytest.raises(OSError, match="no space"):
        ensemble(session, folds)
    assert sorted(path.name for path in session.runs.root.iterdir()) == ["1", "2"]


def test_a_member_that_was_changed_is_refused(session, folds):
    (folds[0] / layout.MODEL).write_bytes(b"x")
    with pytest.raises(DermError, match="was changed since run '1' wrote it"):
        ensemble(session, folds)


def test_what_needs_a_training_or_a_head_is_refused_of_an_ensemble(session, folds):
    run = ensemble(session, folds)
    said = rf"Run '{run.id}' is an ensemble and was not trained itself.* again with 'derm runs ensemble 1 2'"
    for ask in (
        lambda: require_trained(run),
        lambda: resume(session, run),
        lambda: repeat(session, run),
        lambda: compare_runs(folds[0], run),
    ):
        with pytest.raises(DermError, match=said):
            ask()
    with pytest.raises(DermError, match="is an ensemble, and a mean of probabilities has no class map"):
        load_class_maps(run / layout.MODEL, run.id)
