"""The baselines of a job on the tiny network, and that none of them can lose a run."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.runs import layout
from derm_cli.runs.record import FINISHED, RUNNING
from tests.support.tiny_job import PLAN, make_job
from tests.support.tiny_network import TINY

backend.start()

from derm_cli.engine.network import add_head  # noqa: E402
from derm_cli.workflows.evaluating.run_evaluation import judge_run, predictions_of_samples  # noqa: E402
from derm_cli.workflows.training import baselines as module  # noqa: E402
from derm_cli.workflows.training.baselines import (  # noqa: E402
    Baseline,
    FittedBaseline,
    compute_baselines,
    stratified_rows,
    target_training,
)
from derm_cli.workflows.training.finishing import finish  # noqa: E402

WITH_WEIGHTS = replace(PLAN, weights="imagenet")


@pytest.fixture
def job(tmp_path):
    return make_job(tmp_path, plan=WITH_WEIGHTS)


def own_predictions(job):
    probabilities = np.full((len(job.run_data.test.labels), 3), 1 / 3, np.float32)
    return predictions_of_samples(job.plan.classes, job.run_data.test, probabilities)


def computed(job):
    return {each.name: each for each in compute_baselines(job, own_predictions(job))}


def with_training(job, **fields):
    """Replace the samples that the last stage learns from."""
    train = replace(job.run_data.training[-1], **fields)
    job.run_data = replace(job.run_data, training=(job.run_data.training[0], train))


def test_the_most_frequent_class_is_the_share_of_each_in_the_training_part(job):
    with_training(job, labels=np.array([1] * 18 + [0] * 12 + [2] * 6, np.int32))
    found = computed(job)["most-frequent"]
    np.testing.assert_allclose(found.predictions.probabilities, np.tile([12 / 36, 18 / 36, 6 / 36], (12, 1)))
    assert set(found.predictions.predictions) == {"B"}
    assert found.how == "the share of each class among 36 training photographs"


def test_frozen_features_learn_what_the_network_sees_before_it_is_trained(job):
    found = computed(job)["frozen-features"]
    assert (found.predictions.predictions == found.predictions.labels).mean() > 0.9, "the class is the colour"
    assert found.facts.items() >= {"photographs": 36, "of": 36, "features": 8, "weights": "imagenet"}.items()
    assert found.how.startswith("logistic regression on 8 features of tiny from imagenet, C ")


def test_features_are_of_no_more_photographs_than_are_needed(job, monkeypatch):
    monkeypatch.setattr(module, "MOST_PHOTOGRAPHS", 15)
    found = computed(job)["frozen-features"]
    assert (found.facts["photographs"], found.facts["of"]) == (15, 36)
    assert found.how.endswith("fitted on 15 training photographs of 36, drawn by seed 0")


def test_rows_are_drawn_from_each_class_alike_and_by_the_seed():
    labels = np.array([0] * 600 + [1] * 300 + [2] * 99 + [3])
    rows = stratified_rows(labels, 100, seed=1)
    assert np.bincount(labels[rows]).tolist() == pytest.approx([60, 30, 9, 1], abs=1)
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, stratified_rows(labels, 100, seed=1))
    assert (rows != stratified_rows(labels, 100, seed=2)).any()
    np.testing.assert_array_equal(stratified_rows(labels, 1000, seed=1), np.arange(1000))


def test_only_the_target_s_photographs_of_a_merged_stage_are_learned_from(job):
    part = job.run_data.training[-1]
    names = np.where(np.arange(36) < 30, "first", "second")
    with_training(job, cases=part.cases.assign(dataset=names))
    train = target_training(job)
    assert train.cases["case_id"].tolist() == [f"second-{number}" for number in range(30, 36)]
    np.testing.assert_array_equal(train.photographs.take(np.arange(6)), part.photographs.take(np.arange(30, 36)))
    assert computed(job)["most-frequent"].facts == {"photographs": 6}


def no_target(job):
    with_training(job, cases=job.run_data.training[-1].cases.assign(dataset="first"))


def one_class(job):
    with_training(job, labels=np.ones(36, np.int32))


def no_weights(job):
    job.prepared = replace(job.prepared, plan=PLAN)


def no_numbers(job):
    for variable in job.backbone.trainable_variables:
        variable.assign(np.nan * np.array(variable))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (no_target, "no photograph of the target is among those of the last stage"),
        (one_class, "the training part has photographs of one class alone"),
        (no_weights, "the chain begins with random weights, whose features say little"),
        (no_numbers, "some features are no numbers"),
    ],
)
def test_what_cannot_be_computed_says_why(job, spoil, reason, monkeypatch):
    monkeypatch.setattr("derm_cli.workflows.training.job.build_backbone", lambda prepared: job.backbone)
    spoil(job)
    found = computed(job)["frozen-features"]
    assert (found.predictions, found.reason) == (None, reason)


def test_constant_features_are_no_trouble(job, monkeypatch):
    for variable in job.backbone.trainable_variables:
        variable.assign(np.zeros(variable.shape))
    monkeypatch.setattr("derm_cli.workflows.training.job.build_backbone", lambda prepared: job.backbone)
    found = computed(job)["frozen-features"]
    np.testing.assert_allclose(found.predictions.probabilities, 1 / 3, atol=1e-3)


def test_a_class_that_the_target_lacks_is_no_trouble(job):
    with_training(job, labels=np.arange(36, dtype=np.int32) % 2)
    for each in computed(job).values():
        assert (each.predictions.probabilities[:, 2] == 0).all()


@pytest.mark.parametrize("failing", [lambda: 1 / 0, lambda: np.full((12, 3), np.nan)])
def test_a_baseline_that_fails_is_told_of_and_the_run_is_finished(job, monkeypatch, capsys, failing):
    def probabilities(train, test):
        return FittedBaseline(failing(), "badly")

    original = module.baselines_of
    monkeypatch.setattr(
        module, "baselines_of", lambda job: (*original(job), Baseline("answers", "the answers alone", probabilities))
    )
    finish(job, add_head(job.backbone, TINY, 3))
    assert job.run.record.status == FINISHED
    evaluation = json.loads((job.run / layout.EVALUATION).read_text())
    assert list(evaluation["baselines"]) == ["most-frequent", "frozen-features", "answers"]
    reason = evaluation["baselines"]["answers"]["reason"]
    assert "ZeroDivisionError: division by zero" in reason or "no numbers" in reason
    assert ("baseline 'answers' is left out" in capsys.readouterr().err) == ("Zero" in reason)
    assert "answers" not in (job.run / layout.BASELINES).read_text()


def test_a_finished_run_has_them_in_its_files_and_judges_alike_from_them(job):
    finish(job, add_head(job.backbone, TINY, 3))
    record = job.run.record
    assert layout.BASELINES in record.files
    assert record.seconds["baselines"] > 0
    table = pd.read_csv(job.run / layout.BASELINES)
    assert table.columns.tolist() == ["case_id", "baseline", "p_A", "p_B", "p_C"]
    assert table["baseline"].value_counts().to_dict() == {"most-frequent": 12, "frozen-features": 12}
    evaluation = json.loads((job.run / layout.EVALUATION).read_text())
    assert judge_run(job.run).to_json()["baselines"] == evaluation["baselines"]
    assert "Better than" in (page := (job.run / layout.REPORT).read_text()) or "Not better than" in page
    assert 'id="baselines"' in page


def test_where_none_are_asked_for_there_are_none(job):
    job.prepared = replace(job.prepared, request=replace(job.prepared.request, baselines=False))
    finish(job, add_head(job.backbone, TINY, 3))
    assert not (job.run / layout.BASELINES).exists()
    assert "baselines" not in json.loads((job.run / layout.EVALUATION).read_text())
    assert judge_run(job.run).baselines is None
    assert 'id="baselines"' not in (job.run / layout.REPORT).read_text()


def test_with_nothing_to_test_on_there_are_none(job):
    test = job.run_data.test
    nothing = Samples(
        Photographs(((test.photographs.parts[0][0], np.array([], int)),)), test.labels[:0], test.cases[:0]
    )
    job.run_data = replace(job.run_data, test=nothing)
    assert compute_baselines(job, SimpleNamespace()) == ()


def test_who_stops_it_meanwhile_can_go_on(job, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    network = add_head(job.backbone, TINY, 3)
    with monkeypatch.context() as patch:
        patch.setattr(module, "frozen_features", stopped)
        with pytest.raises(KeyboardInterrupt):
            finish(job, network)
    assert job.run.record.status == RUNNING
    finish(job, network)
    assert job.run.record.status == FINISHED
